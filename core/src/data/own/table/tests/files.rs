//! Encodings, lines and several files.

use super::*;

fn options() -> ReadOptions {
    ReadOptions::default()
}

#[test]
fn what_is_no_text_is_refused_with_what_to_do() {
    holds(&all_refused(&[("a.csv", b"PK\x03\x04rest")], &options()), &["spreadsheet", "save it as CSV"]);
    holds(&all_refused(&[("a.xlsx", b"PK\x03\x04rest")], &options()), &["spreadsheet", "save it as CSV"]);
    let wide: Vec<u8> = "\u{feff}label,x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    holds(&all_refused(&[("a.csv", &wide)], &options()), &["UTF-16", "UTF-8"]);
    holds(&all_refused(&[("a.csv", b"label,x\nM\xfcller,1\n")], &options()), &["at byte 9", "UTF-8"]);
}

#[test]
fn rows_of_another_length_are_refused_once() {
    let words = refused("label,x,y\n0,1,2\n\n1,2\n1,2\n");
    holds(&words, &["row 2 (line 4) has 2 values", "names 3", "at byte"]);
    assert_eq!(words.matches("has 2 values").count(), 1);
    holds(&refused("# by hand\nlabel,x\n0,1,2\n"), &["row 1 (line 3) has 3 values", "names 2"]);
}

#[test]
fn comments_and_blank_lines_are_counted() {
    let data = data("# made\n# by hand\nlabel,x\na,1\n\n# half time\nb,2\n");
    assert_eq!(data.labels.len(), 2);
    holds(&skipped(&data), &["2 lines of a.csv: comments", "1 lines of a.csv: comments"]);
}

#[test]
fn tables_called_by_split_are_one_data_set() {
    let files: [(&str, &[u8]); 4] = [
        ("set/test.csv", b"label,x,y\nb,9,10\n"),
        ("set/Train.csv", b"x,y,label\n1,10,a\n3,30,b\n"),
        ("set/val.tsv", b"y\tlabel\tx\n20\ta\t2\n"),
        ("set/sample_submission.csv", b"id,label\n1,a\n"),
    ];
    let data = read_own(&files, &options()).expect("a folder");
    assert_eq!((data.name.as_str(), data.training, data.validation, data.labels.len()), ("set", 2, 1, 4));
    assert_eq!(data.images.pixels(), [0, 0, 255, 255, 128, 128, 255, 0]);
    holds(&skipped(&data), &["set/sample_submission.csv: its name says no split"]);
    holds(&notes(&data), &["set/test.csv, row 1, column `x`"]);
}

#[test]
fn tables_that_do_not_fit_together_are_refused() {
    let train: (&str, &[u8]) = ("train.csv", b"x,y,label\n1,10,a\n3,30,b\n");
    let words = all_refused(&[train, ("test.csv", b"x,z,label\n1,2,a\n")], &options());
    holds(&words, &["test.csv: its columns", "lacks `y`", "has besides `z`"]);
    holds(
        &all_refused(&[("one.csv", train.1), ("two.csv", train.1)], &options()),
        &["2 tables", "none is called train"],
    );
    let split: (&str, &[u8]) = ("train.csv", b"x,split,label\n1,train,a\n3,test,b\n");
    holds(&all_refused(&[split, ("test.csv", split.1)], &options()), &["`split`", "both say the split"]);
    let words = all_refused(&[train, ("test.csv", b"x,y,label\n1,red,a\n")], &options());
    holds(&words, &["\"red\" in test.csv, row 1, column `y`"]);
}

#[test]
fn a_test_table_without_labels_is_skipped() {
    let files: [(&str, &[u8]); 2] = [("train.csv", b"id,x,label\n1,5,a\n2,6,b\n"), ("test.csv", b"id,x\n3,9\n")];
    let data = read_own(&files, &options()).expect("a training table");
    assert_eq!((data.training, data.labels.len(), &data.names[1]), (2, 2, &"2".to_owned()));
    holds(&skipped(&data), &["test.csv: it has no column `label`"]);
}
