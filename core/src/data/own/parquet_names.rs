//! The names of examples in Parquet files of images: the paths of the images, or a column beside them.

use std::sync::Arc;

use parquet::record::Field;
use parquet::schema::types::Type;

use super::id_columns::{Fit, are_distinct, instead};
use super::parquet_format::wrong;
use crate::data::ReadReport;
use crate::error::{Error, Result};

/// What the user calls the paths that stand in the column of images.
const PATHS: [&str; 2] = ["image.path", "img.path"];

/// Names of the examples, from both places.
#[derive(Default)]
pub(super) struct Names {
    /// Paths in the column of images, `[rows]`; empty where there is none.
    paths: Vec<String>,
    /// Values of the column, `[rows]`; empty where there is none.
    values: Vec<String>,
    column: Option<String>,
    /// Further columns that could name the examples.
    others: Vec<String>,
    /// The type of a value that names nothing.
    unusable: Option<&'static str>,
}

impl Names {
    /// Chooses the column by the columns of a file, unless it was found in an earlier one; `taken` are those of the images
    /// and the labels, `asked` is the user's.
    ///
    /// # Errors
    /// [`Error::Format`] if the user's column is not there or is one of those that are taken.
    pub fn choose(&mut self, columns: &[Arc<Type>], taken: [&str; 2], asked: Option<&str>) -> Result<()> {
        if self.column.is_some() {
            return Ok(());
        }
        let mut fits: Vec<(Fit, &str)> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.is_primitive() && !taken.contains(&column.name()))
            .filter_map(|(at, column)| Some((Fit::of(column.name(), at)?, column.name())))
            .collect();
        fits.sort_unstable();
        let mut others = fits.iter().map(|(_, name)| (*name).to_owned());
        match asked.map(str::trim) {
            None => self.column = others.next(),
            Some(asked) if PATHS.contains(&asked) => {}
            Some(asked) if taken.contains(&asked) => {
                let remedy = "choose a column beside them, or image.path for the paths of the images";
                return Err(wrong(format!("--id-column {asked}: it holds the images or the labels")).remedied(remedy));
            }
            Some(asked) => {
                let found = columns.iter().find(|column| column.name() == asked);
                self.column = Some(found.ok_or_else(|| missing(asked, columns))?.name().to_owned());
            }
        }
        self.others = others.filter(|other| Some(other) != self.column.as_ref()).collect();
        Ok(())
    }

    /// Returns the column in another file, if there is one.
    ///
    /// # Errors
    /// [`Error::Format`] if the file lacks the user's column.
    pub fn column_in(&self, columns: &[Arc<Type>], asked: Option<&str>) -> Result<Option<Arc<Type>>> {
        let Some(name) = &self.column else { return Ok(None) };
        match columns.iter().find(|column| column.name() == name) {
            None if asked.is_some() => Err(missing(name, columns)),
            found => Ok(found.cloned()),
        }
    }

    /// Adds the path of a row and the value of its column.
    pub fn add(&mut self, path: String, value: Option<&Field>) {
        self.paths.push(path);
        let name = match value {
            None | Some(Field::Null) => String::new(),
            Some(value) => name(value).unwrap_or_else(|kind| {
                self.unusable = Some(kind);
                String::new()
            }),
        };
        self.values.push(name);
    }

    /// Returns the names, `[rows]`, or none: the user's choice; else the paths, if each row has its own; else the column;
    /// else the paths as they are. Notes the choice.
    ///
    /// # Errors
    /// [`Error::Format`] if the user's column holds no texts or whole numbers, or if the user's paths are not there.
    pub fn chosen(mut self, asked: Option<&str>, report: &mut ReadReport) -> Result<Vec<String>> {
        let has = |names: &[String]| names.iter().any(|name| !name.is_empty());
        let of_paths = asked.is_some_and(|asked| PATHS.contains(&asked.trim()));
        if of_paths && !has(&self.paths) {
            let remedy = "choose a column of texts or whole numbers by --id-column";
            return Err(wrong("the column of images holds no paths").remedied(remedy));
        }
        if let (Some(column), Some(kind)) = (&self.column, self.unusable) {
            let problem =
                format!("column `{column}` holds {kind}, not texts or whole numbers, so it names no examples");
            if asked.is_some() {
                return Err(wrong(problem).remedied("choose another one by --id-column"));
            }
            report.note(problem);
            self.column = None;
        }
        let column = self.column.take().filter(|_| has(&self.values));
        if let Some(column) = column.as_deref().filter(|_| !of_paths) {
            let own_paths = are_distinct(&self.paths);
            let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
            if asked.is_none() && own_paths {
                let more = instead(&[&[column][..], &others].concat());
                report.note(format!("the paths of the images name the examples{more}"));
                return Ok(self.paths);
            }
            let more = if asked.is_some() { String::new() } else { instead(&others) };
            report.note(format!("column `{column}` names the examples{more}"));
            return Ok(self.values);
        }
        Ok(if has(&self.paths) { self.paths } else { Vec::new() })
    }
}

fn missing(name: &str, columns: &[Arc<Type>]) -> Error {
    let there: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    wrong(format!("--id-column {name}: there is no such column; it has the columns {}", there.join(", ")))
}

/// Returns a text, a whole number, or bytes that are a text.
///
/// # Errors
/// What else the value is.
fn name(value: &Field) -> Result<String, &'static str> {
    let number: i128 = match value {
        Field::Str(text) => return Ok(text.trim().to_owned()),
        Field::Bytes(bytes) => {
            let text = std::str::from_utf8(bytes.data()).map_err(|_| "bytes that are no text")?;
            return Ok(text.trim().to_owned());
        }
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Float16(_) | Field::Float(_) | Field::Double(_) | Field::Decimal(_) => return Err("fractions"),
        Field::Bool(_) => return Err("true and false"),
        Field::Date(_) | Field::TimestampMillis(_) | Field::TimestampMicros(_) => return Err("dates"),
        _ => return Err("values of another type"),
    };
    Ok(number.to_string())
}

#[cfg(test)]
mod tests {
    use parquet::schema::parser::parse_message_type;

    use super::*;

    fn columns(schema: &str) -> Vec<Arc<Type>> {
        parse_message_type(&format!("message m {{ {schema} }}")).expect("a schema").get_fields().to_vec()
    }

    const SCHEMA: &str = "required binary image; required int64 label; optional binary file_name (UTF8); \
                          optional binary __key__ (UTF8); optional int64 shot;";

    /// Names the rows by these paths and values of the chosen column.
    fn named(asked: Option<&str>, rows: &[(&str, Field)]) -> Result<(Vec<String>, String), String> {
        let (mut names, mut report) = (Names::default(), ReadReport::default());
        let mut of = || -> Result<Vec<String>> {
            names.choose(&columns(SCHEMA), ["image", "label"], asked)?;
            rows.iter().for_each(|(path, value)| names.add((*path).to_owned(), Some(value)));
            std::mem::take(&mut names).chosen(asked, &mut report)
        };
        let found = of().map_err(|error| error.to_string())?;
        Ok((found, report.notes.join("\n")))
    }

    fn text(text: &str) -> Field {
        Field::Str(text.into())
    }

    #[test]
    fn paths_that_differ_come_first_and_else_the_column() {
        let rows = [("a.png", text("u")), ("b.png", text("v"))];
        let (names, notes) = named(None, &rows).expect("names");
        assert_eq!(names, ["a.png", "b.png"]);
        assert!(notes.contains("`__key__`, `file_name` could, too: --id-column __key__"), "{notes}");
        for (one, other) in [("a.png", "a.png"), ("a.png", ""), ("", "")] {
            let (names, notes) = named(None, &[(one, text("u")), (other, text("v"))]).expect("names");
            assert_eq!(names, ["u", "v"], "{one:?}, {other:?}");
            assert!(notes.contains("`__key__` names the examples (`file_name` could, too"), "{notes}");
        }
        let repeated = [("a.png", Field::Null), ("a.png", text(""))];
        assert_eq!(named(None, &repeated), Ok((vec!["a.png".into(), "a.png".into()], String::new())));
        assert_eq!(named(None, &[("", Field::Null)]), Ok((Vec::new(), String::new())));
    }

    #[test]
    fn the_users_column_is_taken_or_refused() {
        let rows = [("a.png", Field::Long(7)), ("b.png", Field::Bytes(b"v".to_vec().into()))];
        assert_eq!(named(Some("shot"), &rows).expect("names").0, ["7", "v"]);
        assert_eq!(named(Some("image.path"), &rows).expect("names").0, ["a.png", "b.png"]);
        assert!(named(Some("shots"), &rows).expect_err("none").contains("image, label, file_name, __key__, shot"));
        assert!(named(Some("label"), &rows).expect_err("labels").contains("the images or the labels"));
        assert!(named(Some("image.path"), &[("", text("u"))]).expect_err("no paths").contains("no paths"));
        let fractions = [("a.png", Field::Double(0.5)), ("a.png", text("v"))];
        assert!(named(Some("shot"), &fractions).expect_err("fractions").contains("`shot` holds fractions"));
        let (names, notes) = named(None, &fractions).expect("paths");
        assert_eq!(names, ["a.png", "a.png"]);
        assert!(notes.contains("`__key__` holds fractions"), "{notes}");
    }

    #[test]
    fn a_file_without_the_column_is_refused_if_it_was_asked_for() {
        let mut names = Names::default();
        names.choose(&columns(SCHEMA), ["image", "label"], None).expect("a column");
        let fewer = columns("required binary image; required int64 label;");
        assert!(names.column_in(&fewer, None).expect("none is needed").is_none());
        assert!(names.column_in(&fewer, Some("__key__")).is_err());
        assert!(names.column_in(&columns(SCHEMA), None).expect("a column").is_some());
    }
}
