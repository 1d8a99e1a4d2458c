//! Typed rows, as Parquet files hold them, have the meaning of text.

use super::super::columns::Columns;
use super::super::{Cell, Gather, finish::finished};
use super::*;
use crate::data::ReadReport;
use crate::data::own::read_files::ReadFiles;
use crate::error::Result;

fn read(header: &[&str], rows: &[&[Cell<'_>]]) -> ReadFiles {
    try_read(header, rows).expect("a table")
}

fn try_read(header: &[&str], rows: &[&[Cell<'_>]]) -> Result<ReadFiles> {
    let header: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
    let options = ReadOptions::default();
    let columns = Columns::new(&header, &options, String::new).expect("columns");
    let (mut gather, mut report) = (Gather::new(columns, &options), ReadReport::default());
    gather.begin(["a", ""], None, &header, &mut report).expect("columns").expect("labels");
    rows.iter().enumerate().try_for_each(|(at, row)| gather.row(at, |column| row[column]))?;
    finished(gather, &options, report)
}

#[test]
fn names_of_examples_are_texts_or_numbers() {
    use Cell::{Missing, Number, Other, Text, Whole};
    let named = read(&["id", "x", "label"], &[&[Whole(7), Number(0.5), Text("a")], &[Missing, Number(1.0), Text("b")]]);
    assert_eq!(named.training.names, ["7", ""]);
    let row: [&[Cell]; 2] = [&[Whole(7), Number(0.5), Text("a")], &[Other("a date"), Number(1.0), Text("b")]];
    let words = try_read(&["id", "x", "label"], &row).map(|_| ()).expect_err("a date").to_string();
    holds(&words, &["row 2, column `id` is a date", "--id-column"]);
}

#[test]
fn numbers_and_labels_mean_the_same_as_text() {
    use Cell::{Bool, Number, Text, Whole};
    let typed = read(
        &["id", "x", "y", "z", "label"],
        &[
            &[Whole(70), Number(0.5), Whole(256), Bool(true), Number(1.0)],
            &[Whole(7), Number(-2.0), Whole(0), Bool(false), Number(0.0)],
            &[Whole(8), Number(1.25), Whole(3), Bool(false), Number(1.0)],
        ],
    );
    let text = data("id,x,y,z,label\n70,0.5,256,True,1.0\n7,-2,0,False,0.0\n8,1.25,3,False,1.0\n");
    assert_eq!((&typed.training.images, &typed.training.names), (&text.images, &text.names));
    assert_eq!((&typed.training.labels[..], typed.report), (&["1", "0", "1"].map(String::from)[..], text.report));
    let words =
        read(&["x", "label"], &[&[Text("1"), Text("a")], &[Text("2.5"), Text(" b")], &[Number(7.0), Text("a")]]);
    assert_eq!((words.training.images.pixels(), &words.training.labels[1][..]), (&[0, 64, 255][..], "b"));
}
