//! What columns are for.

use super::*;

fn label_column(name: &str) -> ReadOptions {
    ReadOptions { label_column: Some(name.into()), ..Default::default() }
}

fn drop_columns(names: &[&str]) -> ReadOptions {
    ReadOptions { drop_columns: names.iter().map(|name| (*name).to_owned()).collect(), ..Default::default() }
}

#[test]
fn an_index_is_no_feature_and_is_said() {
    let plain = data("x,label\n5,a\n7,b\n9,a\n");
    for (header, rows) in [
        ("Unnamed: 0,x,label", ["4,5,a", "9,7,b", "2,9,a"]),
        (",x,label", ["1,5,a", "2,7,b", "3,9,a"]),
        ("index,x,label", ["9,5,a", "9,7,b", "0,9,a"]),
        ("number,x,label", ["0,5,a", "1,7,b", "2,9,a"]),
        ("row,x,label", ["1,5,a", "2,7,b", "3,9,a"]),
    ] {
        let data = data(&format!("{header}\n{}\n", rows.join("\n")));
        assert_eq!((&data.images, data.names.len()), (&plain.images, 0), "{header}");
        holds(&skipped(&data), &["index"]);
    }
    let counted = data("n,x,label\n0,5,a\n1,7,b\n3,9,a\n");
    assert_eq!(counted.images.shape(), [1, 1, 2], "0, 1, 3 does not count the rows");
    assert_eq!(data("x,n,label\n5,0,a\n7,1,b\n9,2,a\n").images.shape(), [1, 1, 2], "not the first column");
    let pixels = data("px0,px1,px2,px3,label\n0,5,5,5,a\n1,5,5,5,b\n2,5,5,9,a\n");
    assert_eq!(pixels.images.shape(), [1, 2, 2], "a pixel that counts the rows");
    let sides = ReadOptions { layout: Some(Layout::RowsChw([1, 1, 2])), ..Default::default() };
    assert_eq!(with("n,x,label\n0,5,a\n1,7,b\n2,9,a\n", &sides).images.pixels(), [0, 5, 1, 7, 2, 9]);
    assert_eq!(with("n,x,z,label\n0,5,1,a\n1,7,1,b\n2,9,1,a\n", &sides).images.pixels(), [5, 1, 7, 1, 9, 1]);
    holds(&refused("n,label\n0,a\n1,b\n2,a\n"), &["nothing to learn", "column `n`"]);
}

#[test]
fn an_id_names_the_examples() {
    for header in
        ["id,x,label", "ID,x,label", "image_id,x,label", "filename,x,label", "path,x,label", "PatientId,x,label"]
    {
        let data = data(&format!("{header}\n70,5,a\n7,7,b\n9,9,a\n"));
        assert_eq!(
            (&data.names[..], data.images.shape()),
            (&["70", "7", "9"].map(String::from)[..], [1, 1, 1]),
            "{header}"
        );
        holds(&notes(&data), &["names the examples"]);
    }
    let rows = data(",x,label\nMazda,5,a\nFiat,7,b\n");
    assert_eq!(rows.names, ["Mazda", "Fiat"], "names of rows, as R writes them");
    let split = data("id,x,label,split\nu,5,a,test\nv,7,b,train\nw,7,a,train\n");
    assert_eq!(split.names, ["v", "w", "u"]);
    let both = data("name,user_id,x,label\nu,3,5,a\nv,4,7,b\n");
    assert_eq!((&both.names[..], both.images.shape()), (&["u", "v"].map(String::from)[..], [1, 1, 1]));
    holds(&skipped(&both), &["column `user_id`: an id"]);
    holds(&notes(&both), &["column `name` names the examples", "(`user_id` could, too: --id-column user_id)"]);
    assert_eq!(data("acid,x,label\n7,5,a\n7,7,b\n").images.shape(), [1, 1, 2], "no id");
}

#[test]
fn names_may_repeat_and_that_is_counted() {
    let shared = data("id,x,label\n7,5,a\n8,7,b\n7,9,a\n,4,b\n");
    assert_eq!((&shared.names[..], shared.images.shape()), (&["7", "8", "7", ""].map(String::from)[..], [1, 1, 1]));
    holds(
        &notes(&shared),
        &["2 of 4 examples share theirs, such as \"7\" (ids 0 and 2)", "1 of 4 examples has no name"],
    );
    let own = data("id,x,label\n7,5,a\n8,7,b\n9,9,a\n");
    assert!(!notes(&own).contains("share") && !notes(&own).contains("no name"), "{}", notes(&own));
}

fn id_column(name: &str) -> ReadOptions {
    ReadOptions { id_column: Some(name.into()), ..Default::default() }
}

#[test]
fn of_several_names_one_is_taken_and_said_and_the_user_may_choose() {
    let csv = "name,id,x,code,label\nu,3,5,A1,a\nv,4,7,B2,b\n";
    holds(&refused(csv), &["`code`", "\"A1\""]);
    for (column, names, left) in [("id", ["3", "4"], "`name`"), ("name", ["u", "v"], "`id`")] {
        let options = ReadOptions { drop_columns: vec!["code".into()], ..id_column(column) };
        let chosen = with(csv, &options);
        assert_eq!((&chosen.names[..], chosen.images.pixels()), (&names.map(String::from)[..], &[0, 255][..]));
        holds(&skipped(&chosen), &[&format!("column {left}: an id")]);
        assert!(!notes(&chosen).contains("could, too"), "the user knows: {}", notes(&chosen));
    }
    let first = with(csv, &drop_columns(&["code"]));
    assert_eq!(first.names, ["3", "4"], "`id` before `name`");
    holds(&notes(&first), &["column `id` names the examples", "(`name` could, too: --id-column name)"]);
    let code = with(csv, &id_column("code"));
    assert_eq!((&code.names[..], code.images.shape()), (&["A1", "B2"].map(String::from)[..], [1, 1, 1]));
    holds(&refused_with(csv, &id_column("key")), &["--id-column key", "`name`, `id`, `x`, `code`, `label`"]);
    holds(&refused_with(csv, &id_column("label")), &["--id-column label", "holds the labels"]);
    let dropped = ReadOptions { drop_columns: vec!["id".into()], ..id_column("id") };
    holds(&refused_with(csv, &dropped), &["--id-column id", "--drop-columns"]);
}

#[test]
fn a_key_names_the_examples_unless_it_may_be_a_feature() {
    for rows in ["u,5,a\nv,7,b\n", "70,5,a\n7,7,b\n", "u,5,a\nu,7,b\n"] {
        let data = data(&format!("key,x,label\n{rows}"));
        assert_eq!((data.names.len(), data.images.shape()), (2, [1, 1, 1]), "{rows}");
    }
    let music = "key,x,label\n7,5,a\n7,7,b\n0,9,a\n";
    holds(&refused(music), &["column `key`", "some are equal", "--id-column key", "another name"]);
    assert_eq!(with(music, &id_column("key")).names, ["7", "7", "0"]);
    let beside = data("track_id,key,x,label\n5,7,5,a\n6,7,7,b\n9,0,9,a\n");
    assert_eq!((&beside.names[1][..], beside.images.shape()), ("6", [1, 1, 2]), "a feature beside an id");
    holds(&notes(&beside), &["`track_id` names the examples", "`key` could, too"]);
}

#[test]
fn files_without_columns_refuse_the_name_of_one() {
    let idx: [(&str, &[u8]); 2] = [("a-images-idx3-ubyte", b""), ("a-labels-idx1-ubyte", b"")];
    let pictures: [(&str, &[u8]); 1] = [("set/cat/1.png", b"")];
    holds(&all_refused(&idx, &id_column("id")), &["id-column = id", "no columns"]);
    holds(&all_refused(&pictures, &id_column("id")), &["id-column = id", "no columns"]);
}

#[test]
fn labels_with_two_readings_are_asked_for() {
    for header in ["label,Label,x", "label,label,x", "label,class,x", "y,label,z"] {
        let words = refused(&format!("{header}\na,1,2\nb,1,3\n"));
        let [one, other] = [0, 1].map(|at| format!("`{}`", header.split(',').nth(at).unwrap_or_default()));
        holds(&words, &[&one, &other, "--label-column"]);
    }
    assert_eq!(with("label,class,x\na,b,2\nb,b,3\n", &drop_columns(&["class"])).classes, ["a", "b"]);
    let chosen = with("label,y,z\na,1,2\nb,5,3\n", &label_column("label"));
    assert_eq!((&chosen.classes[..], chosen.images.shape()), (&["a", "b"].map(String::from)[..], [1, 1, 2]));
    assert_eq!(data("label,x,y\na,1,2\nb,5,3\n").images.shape(), [1, 1, 2], "coordinates");
    let y = with("label,y,x\n0,1,2\n1,5,3\n", &label_column("y"));
    assert_eq!((&y.classes[..], y.images.pixels()), (&["1", "5"].map(String::from)[..], &[0, 0, 255, 255][..]));
}

#[test]
fn without_labels_all_columns_are_described() {
    let rows: Vec<String> =
        (0..6).map(|row| format!("{row},{}.5,{},s{},note {row}", row * 7, row % 2, row % 3)).collect();
    let words = refused(&format!("n,size,kind,species,note\n{}\n", rows.join("\n")));
    holds(&words, &["`n` (counts its rows: an index)", "`size` (numbers)", "`kind` (2 different numbers: perhaps"]);
    holds(
        &words,
        &["`species` (3 different texts: perhaps the labels)", "`note` (texts such as", "--label-column NAME"],
    );
    let header: Vec<String> = (0..30).map(|at| format!("c{at}")).collect();
    let words = refused(&format!("{}\n", header.join(",")));
    assert!(words.contains("`c19`") && words.contains("and 10 more columns") && !words.contains("`c20`"), "{words}");
}

#[test]
fn columns_that_are_not_there_are_refused() {
    let csv = "x,z,label\n1,2,a\n3,5,b\n";
    holds(&refused_with(csv, &label_column("target")), &["--label-column target", "`x`, `z`, `label`"]);
    holds(&refused_with(csv, &drop_columns(&["z", "q"])), &["--drop-columns q", "`x`, `z`, `label`"]);
    holds(&refused_with(csv, &drop_columns(&["label"])), &["`label`", "cannot be dropped"]);
    let dropped = with("x,z,label\n1,red,a\n3,,b\n", &drop_columns(&["z"]));
    assert_eq!(dropped.images.shape(), [1, 1, 1]);
    holds(&skipped(&dropped), &["column `z`: --drop-columns"]);
}

#[test]
fn wrong_headers_are_refused() {
    holds(&refused("x,x,label\n1,2,a\n3,4,b\n"), &["two columns", "`x`"]);
    holds(&refused("5,0,0\n4,0,9\n"), &["first row (5, 0, 0, ...)", "numbers instead of names", "`label`"]);
    holds(&refused("5.1,3.5,1.4,Iris-setosa\n4.9,3.0,1.4,Iris-setosa\n"), &["numbers instead of names"]);
    assert_eq!(data("label,0,1\na,5,6\nb,7,8\n").images.shape(), [1, 1, 2], "numbers as names");
    holds(&refused("label,x\n"), &["nothing to learn"]);
    holds(&refused("label\n1\n2\n"), &["nothing to learn"]);
    holds(&refused(""), &["empty"]);
}

#[test]
fn columns_without_a_name_must_be_empty() {
    let data = data("x,label,\n1,a,\n2,b,\n");
    assert_eq!(data.images.shape(), [1, 1, 1]);
    holds(&skipped(&data), &["column 3: it has neither a name nor values"]);
    let cut = super::data("x,label,\n1,a\n2,b\n");
    assert_eq!(cut.images, data.images, "rows without the last separator");
    holds(&refused("x,,label\n1,7,a\n2,8,b\n"), &["column 2 has no name"]);
}

#[test]
fn splits_have_three_parts_and_many_names() {
    let csv = "x,label,Split\n1,a,Train\n3,b,TRAINING\n4,a,valid\n5,b,dev\n5,a,Test\n";
    let data = data(csv);
    assert_eq!((data.training, data.validation, data.labels.len()), (2, 2, 5));
    assert_eq!(data.images.pixels(), [0, 255, 255, 255, 255]);
    holds(&refused("x,label,split\n1,a,train\n1,b,tset\n"), &["\"tset\" in row 2, column `split`", "validation"]);
    holds(&refused("x,label,split\n1,a,0\n1,b,1\n"), &["\"0\" in row 1, column `split`"]);
    let unknown = refused("x,label,split\n1,a,train\n2,b,train\n2,c,test\n");
    holds(&unknown, &["no training row has the label `c`", "leave these rows out"]);
    holds(&refused("x,label,split\n1,a,test\n2,b,test\n"), &["training images is empty"]);
}
