//! Parquet files without images: tables whose columns have types.

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use super::parquet_classes::class_names;
use super::read_files::{ReadFiles, ends};
use super::table::{Cell, Columns, FileSplits, Gather, decided, described};
use super::{InputFile, ReadOptions};
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};

const FORMAT: &str = "Parquet table";

/// Number of rows by which columns are described.
const DESCRIBED_ROWS: usize = 1000;

/// Reads columns of numbers by the rules of text tables. A list of numbers is as many columns as it has numbers.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let mut report = ReadReport::default();
    let files = FileSplits::new(files, |name| ends(name, "parquet"), &mut report)?;
    let mut gather = None;
    let mut classes = None;
    for (file, split) in files.iter() {
        let name = if files.is_one() { "" } else { file.name() };
        let mut read = || -> Result<()> {
            let table = Typed::new(&file.bytes()?)?;
            table.gather(&mut gather, [file.name(), name], split, options, (&mut classes, &mut report))
        };
        read().map_err(|error| if name.is_empty() { error } else { error.within(name) })?;
    }
    let gather = gather.ok_or_else(|| Error::Empty { what: "the folder of tables".into() })?;
    Ok(ReadFiles { classes, ..decided(gather, options, report)? })
}

/// An open file, and its columns.
struct Typed {
    file: SerializedFileReader<Bytes>,
    /// Names of the columns, and how many numbers each list holds.
    columns: Vec<(String, Option<usize>)>,
}

impl Typed {
    fn new(bytes: &[u8]) -> Result<Self> {
        let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(unreadable)?;
        let mut columns = Vec::new();
        let first = file.get_row_iter(None).map_err(unreadable)?.next().transpose().map_err(unreadable)?;
        let fields = file.metadata().file_metadata().schema().get_fields();
        for (at, column) in fields.iter().enumerate() {
            let length = match first.as_ref().and_then(|row| row.get_column_iter().nth(at)) {
                Some((_, Field::ListInternal(list))) => Some(list.len()),
                _ => None,
            };
            columns.push((column.name().to_owned(), length));
        }
        Ok(Self { file, columns })
    }

    fn rows(&self) -> Result<impl Iterator<Item = Result<Row>>> {
        let rows = self.file.get_row_iter(None).map_err(unreadable)?;
        Ok(rows.map(|row| row.map_err(unreadable)))
    }

    /// Returns the names of all columns; those of a list are `name[0]` and so on.
    fn header(&self) -> Vec<String> {
        let names = self.columns.iter().flat_map(|(name, length)| match length {
            None => vec![name.clone()],
            Some(length) => (0..*length).map(|at| format!("{name}[{at}]")).collect(),
        });
        names.collect()
    }

    fn gather(
        &self,
        gather: &mut Option<Gather>,
        names: [&str; 2],
        split: Option<Split>,
        options: &ReadOptions,
        (classes, report): (&mut Option<Vec<String>>, &mut ReadReport),
    ) -> Result<()> {
        let header = self.header();
        if gather.is_none() {
            let head: Vec<Row> = self.rows()?.take(DESCRIBED_ROWS).collect::<Result<_>>()?;
            let describe = || {
                let rows: Result<Vec<Vec<Cell>>> =
                    head.iter().enumerate().map(|(at, row)| self.cells(row, at)).collect();
                described(&header, &rows.unwrap_or_default())
            };
            *gather = Some(Gather::new(Columns::new(&header, options, describe)?, options));
        }
        let Some(gather) = gather else { return Ok(()) };
        let Some(order) = gather.begin(names, split, &header, report)? else { return Ok(()) };
        let label = gather.label_column();
        if classes.is_none() {
            *classes = class_names(self.file.metadata().file_metadata(), &header[label]);
        }
        gather.reserve(self.file.metadata().file_metadata().num_rows() as usize);
        for (at, row) in self.rows()?.enumerate() {
            let row = row?;
            let cells = self.cells(&row, at)?;
            let class = |cell: Cell<'_>| -> Result<Option<&str>> {
                let (Some(classes), Cell::Whole(number)) = (classes.as_ref(), cell) else { return Ok(None) };
                let class = usize::try_from(number).ok().and_then(|number| classes.get(number));
                class.map(|class| Some(class.as_str())).ok_or_else(|| {
                    let problem =
                        format!("row {}: its label is {number}, but the file names {} classes", at + 1, classes.len());
                    wrong(problem, "leave such rows out")
                })
            };
            let named = order[label].and_then(|at| cells.get(at)).map_or(Ok(None), |cell| class(*cell))?;
            gather.row(at, |column| match named {
                Some(class) if column == label => Cell::Text(class),
                _ => order[column].and_then(|at| cells.get(at)).copied().unwrap_or(Cell::Missing),
            })?;
        }
        Ok(())
    }

    /// Returns the values of a row, in the order of the header.
    fn cells<'a>(&self, row: &'a Row, at: usize) -> Result<Vec<Cell<'a>>> {
        let mut cells = Vec::new();
        for ((_, field), (name, length)) in row.get_column_iter().zip(&self.columns) {
            match (field, length) {
                (Field::ListInternal(list), Some(length)) if list.len() == *length => {
                    cells.extend(list.elements().iter().map(cell));
                }
                (Field::Null, Some(length)) => cells.extend(std::iter::repeat_n(Cell::Missing, *length)),
                (Field::ListInternal(list), Some(length)) => {
                    let problem =
                        format!("row {} has {} numbers in column `{name}`, and row 1 has {length}", at + 1, list.len());
                    return Err(wrong(problem, "give all rows lists of one length"));
                }
                (field, _) => cells.push(cell(field)),
            }
        }
        Ok(cells)
    }
}

fn cell(field: &Field) -> Cell<'_> {
    match field {
        Field::Null => Cell::Missing,
        Field::Bool(yes) => Cell::Bool(*yes),
        Field::Byte(number) => Cell::Whole((*number).into()),
        Field::Short(number) => Cell::Whole((*number).into()),
        Field::Int(number) => Cell::Whole((*number).into()),
        Field::Long(number) => Cell::Whole((*number).into()),
        Field::UByte(number) => Cell::Whole((*number).into()),
        Field::UShort(number) => Cell::Whole((*number).into()),
        Field::UInt(number) => Cell::Whole((*number).into()),
        Field::ULong(number) => Cell::Whole((*number).into()),
        Field::Float16(number) => Cell::Number(number.to_f64()),
        Field::Float(number) => Cell::Number((*number).into()),
        Field::Double(number) => Cell::Number(*number),
        Field::Str(text) => Cell::Text(text),
        Field::Decimal(_) => field.to_string().parse().map_or(Cell::Other("a decimal"), Cell::Number),
        Field::Date(_) | Field::TimestampMillis(_) | Field::TimestampMicros(_) => Cell::Other("a date"),
        Field::Bytes(_) | Field::Group(_) => Cell::Other("bytes or a struct; images are in a column image or img"),
        Field::ListInternal(_) => Cell::Other("a list, and row 1 has none"),
        _ => Cell::Other("a value of another type"),
    }
}

fn unreadable(error: ParquetError) -> Error {
    Error::unreadable(FORMAT, error)
}

fn wrong(problem: String, remedy: &str) -> Error {
    Error::format(FORMAT, problem).remedied(remedy)
}

/// Returns whether a file has no column of images; `images` are its names.
pub(super) fn is_table(file: &dyn InputFile, images: &[&str]) -> Result<bool> {
    let file = SerializedFileReader::new(Bytes::copy_from_slice(&file.bytes()?))
        .map_err(|error| unreadable(error).within(file.name()))?;
    let columns = file.metadata().file_metadata().schema().get_fields();
    Ok(!columns.iter().any(|column| images.contains(&column.name())))
}
