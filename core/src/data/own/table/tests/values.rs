//! Numbers, labels and separators.

use super::*;

#[test]
fn values_up_to_255_are_features_like_any_other() {
    let bytes = data("x,y,label\n0,10,a\n5,255,b\n10,0,a\n");
    assert!(bytes.features);
    assert_eq!((bytes.images.shape(), bytes.images.pixels()), ([1, 1, 2], &[0, 10, 128, 255, 255, 0][..]));
    let larger = data("x,y,label\n0,10,a\n5.0,256,b\n10,0,a\n");
    assert_eq!(larger.images.pixels(), [0, 10, 128, 255, 255, 0], "one value of 256, one decimal");
    assert!(larger.source.starts_with("a.csv, each column scaled"), "{}", larger.source);
    holds(&notes(&larger), &["2 features, each scaled"]);
}

#[test]
fn features_are_scaled_over_the_training_rows() {
    let csv = "x,split,label,y,z\n9,test,b,2000,7\n-1,train,a,1000,7\n0.5,Train,b,3000,7\n-2,test,a,1004,8\n1,train,c,2000,7\n";
    let data = data(csv);
    assert_eq!((data.images.shape(), data.training), ([1, 1, 3], 3));
    assert_eq!(data.images.pixels(), [[0, 0, 0], [191, 255, 0], [255, 128, 0], [255, 128, 0], [0, 1, 0]].concat());
    assert_eq!((&data.labels[..], &data.classes[..]), (&[0, 1, 2, 1, 0][..], &["a", "b", "c"].map(String::from)[..]));
    holds(&notes(&data), &["3 values of held-out rows", "9 in row 1, column `x`", "`z`"]);
}

#[test]
fn pixels_are_known_by_their_names_and_stay() {
    let csv = "label,pixel0,pixel1,pixel2,pixel3\nshirt,0,1,2.0,255\nbag,4,5,6,7\n";
    let pixels = data(csv);
    assert_eq!((pixels.images.shape(), pixels.features), ([1, 2, 2], false));
    assert_eq!(pixels.images.pixels(), [0, 1, 2, 255, 4, 5, 6, 7]);
    holds(&notes(&pixels), &["pixels of images, 2 x 2"]);
    assert_eq!(pixels.source, "a.csv");
    let sorted = data("label,2x1,1x1,2x2,1x2\na,3,1,4,2\nb,7,5,8,6\n");
    assert_eq!(sorted.images.pixels(), [1, 2, 3, 4, 5, 6, 7, 8], "in the order of the names");
    let fractions = data("label,px1,px2,px3,px4\na,0,0.5,1,1\nb,0,0,0,1\n");
    assert_eq!(fractions.images.pixels(), [0, 128, 255, 255, 0, 0, 0, 255]);
    holds(&refused("label,px1,px2,px3,px4\na,0,0.5,1,1\nb,0,0,0,2\n"), &["0.5", "row 1, column `px2`", "2", "scale"]);
    holds(&refused("label,px1,split\na,0,train\nb,5,train\nb,256,test\n"), &["256", "row 3, column `px1`"]);
    holds(&refused("label,pixel0,pixel1\na,0,0\nb,1,1\n"), &["2 columns", "--layout HxW"]);
}

#[test]
fn a_layout_makes_pixels_of_any_columns() {
    let layout =
        |text: &str| ReadOptions { layout: Some(Layout::parse(text).expect("a layout")), ..Default::default() };
    let csv = "a,b,c,d,e,f,label\n1,2,3,4,5,6,x\n0,0,0,0,0,9,y\n";
    let rows = with(csv, &layout("2x3"));
    assert_eq!((rows.images.shape(), rows.images.image(0), rows.features), ([1, 2, 3], &[1, 2, 3, 4, 5, 6][..], false));
    let color =
        "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,label\n1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,x\n1,1,1,1,1,1,1,1,1,1,1,1,1,1,9,y\n";
    assert_eq!(with(color, &layout("3x1x5")).images.image(0), (1..=15).collect::<Vec<u8>>());
    let last = with(color, &layout("5x1x3"));
    assert_eq!(last.images.shape(), [3, 5, 1]);
    assert_eq!(last.images.image(0), [1, 4, 7, 10, 13, 2, 5, 8, 11, 14, 3, 6, 9, 12, 15]);
    holds(&refused_with(csv, &layout("2x2")), &["layout", "4 values", "6 columns"]);
    let opacity = ReadOptions { layout: Some(Layout::RowsHwc([1, 1, 4])), ..Default::default() };
    let clear = with("a,b,c,d,label\n9,8,7,255,x\n9,8,7,0,y\n9,8,7,255,x\n", &opacity);
    assert_eq!((clear.images.shape(), clear.images.pixels()), ([3, 1, 1], &[9, 8, 7, 255, 255, 255, 9, 8, 7][..]));
    holds(&notes(&clear), &["1 transparent images", "white"]);
    holds(&refused_with(csv, &layout("nchw")), &["layout", "28x28"]);
}

#[test]
fn rows_that_look_like_images_are_noted() {
    let header: Vec<String> = (0..64).map(|at| format!("v{at}")).collect();
    let row = |value: u8| [&value.to_string(); 64].map(|text| text.as_str()).join(",");
    let csv = format!("{},label\n{},a\n{},b\n", header.join(","), row(0), row(200));
    holds(&notes(&data(&csv)), &["64 features", "--layout 8x8"]);
}

#[test]
fn equal_numbers_have_one_label() {
    let data = data("x,label\n1,1.0\n2,1\n3,10\n5,9\n");
    assert_eq!((&data.classes[..], &data.labels[..]), (&["1", "9", "10"].map(String::from)[..], &[0, 0, 2, 1][..]));
    assert_eq!(data_labels("x,label\n1, cat \n2,cat\n3,dog\n9,dog\n"), ["cat", "dog"]);
}

fn data_labels(csv: &str) -> Vec<String> {
    data(csv).classes
}

#[test]
fn rows_without_a_label_are_refused_or_counted() {
    let csv = "x,label\n1,a\n2,\n4,NaN\n8,b\n,?\n";
    holds(&refused(csv), &["\"\" in row 2, column `label`", "3 such values", "--drop-unlabelled"]);
    let dropped = with(csv, &ReadOptions { drop_unlabelled: true, ..Default::default() });
    assert_eq!((dropped.labels.len(), dropped.images.pixels()), (2, &[0, 255][..]), "also a row without a feature");
    assert_eq!(skipped(&dropped), "row 2: no label\nrow 3: no label\nrow 5: no label\n");
}

#[test]
fn labels_that_are_no_classes_are_refused() {
    holds(&refused("x,label\n1,0.5\n2,0.6\n4,0.7\n3,0.8\n1,0.9\n"), &["5 labels", "5 different", "--label-column"]);
    holds(&refused("x,label\n1,a\n2,a\n"), &["2 rows", "\"a\"", "nothing to tell apart"]);
}

#[test]
fn separators_are_found_or_chosen() {
    let expected = data("a,b,label\n1,2,x\n3,5,y\n");
    for separator in [";", "\t", "|"] {
        let csv = "a,b,label\r\n1,2,x\r\n\r\n3,5,y\r\n".replace(',', separator);
        assert_eq!(data(&csv).images, expected.images, "{separator:?}");
        assert_eq!(data(&format!("\u{feff}{csv}")).images, expected.images, "a byte order mark");
    }
    let colon = ReadOptions { delimiter: Some(':'), ..Default::default() };
    assert_eq!(with("a:b:label\n1:2:x\n3:5:y\n", &colon).images, expected.images);
    let quoted = data("\"a\",\"b;c\",\"label\"\n\"1\",\"2\",\"x, \"\"y\"\"\"\n\"3\",\"5\",\"z\"\n");
    assert_eq!((quoted.images, &quoted.classes[0][..]), (expected.images, "x, \"y\""));
    holds(&refused("a:b:label\n1:2:x\n"), &["one column", "`a:b:label`"]);
}

#[test]
fn decimal_commas_are_read_where_they_are_sure() {
    let comma = data("a;b;label\n1,5;10;x\n2,25;20;y\n3,0;40;x\n");
    let point = data("a;b;label\n1.5;10;x\n2.25;20;y\n3.0;40;x\n");
    assert_eq!(comma.images, point.images);
    holds(&notes(&comma), &["comma separates the decimals", "1,5"]);
    holds(&refused("a;label\n1,500;x\n2,250;y\n"), &["\"1,500\" in row 1, column `a`", "decimals or thousands"]);
    holds(&refused("a;b;label\n1,5;1.5;x\n2,5;1.5;y\n"), &["\"1,5\"", "\"1.5\" in row 1, column `b`", "decimal point"]);
    holds(&refused("a,label\n\"1,234,567\",x\n5,y\n"), &["1,234,567", "row 1, column `a`", "thousands"]);
    holds(&refused("a;label\n1.234,5;x\n5;y\n"), &["1.234,5", "thousands"]);
}

#[test]
fn what_is_no_number_is_refused_by_its_place() {
    let one = "label,x,y\n0,1,2\n1,red,2\n1,3,4\n0,3,4\n";
    holds(&refused(one), &["\"red\" in row 2, column `x` is no number", "write categories as numbers"]);
    let text = refused("label,x,day\n0,red,2020-01-01\n1,blue,2020-01-02\n");
    holds(&text, &["`x` (\"red\", \"blue\"", "`day` (\"2020-01-01\"", "--drop-columns x,day"]);
    holds(&refused("label,x,y\n0,1,2\n1,0.5,\n"), &["\"\" in row 2, column `y` is missing", "--drop-columns y"]);
    holds(&refused("label,x,y\n0,NA,2\n1,nan,\n"), &["\"NA\" in row 1, column `x`", "3 such values, in `x`, `y`"]);
    holds(&refused("label,x\n0,-inf\n1,2\n"), &["\"-inf\" in row 1, column `x`", "infinite"]);
    holds(&refused("label,x\n0,5%\n1,2\n1,2\n"), &["\"5%\" in row 1", "is no number"]);
    let bools = data("label,x\n0,True\n1,False\n1,true\n");
    assert_eq!(bools.images.pixels(), [255, 0, 255]);
    holds(&notes(&bools), &["True and False became 1 and 0 in `x`"]);
    assert_eq!(data("label,x\n0,1e3\n1,-1E+3\n1,0\n").images.pixels(), [255, 0, 128]);
}
