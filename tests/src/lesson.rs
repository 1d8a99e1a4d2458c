//! A lesson of the course, and what it claims.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the course lies.
pub fn course_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/course")
}

/// A lesson's text, without its line breaks, and the sentences that were tested.
pub struct Lesson {
    name: &'static str,
    /// On one line.
    pub text: String,
    tested: Vec<&'static str>,
}

impl Lesson {
    /// A lesson by its file's name.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn open(name: &'static str) -> Self {
        let text = fs::read_to_string(course_folder().join(format!("{name}.html"))).expect("a lesson");
        Self { name, text: text.split_whitespace().collect::<Vec<_>>().join(" "), tested: Vec::new() }
    }

    /// That the lesson says so, and that it is so.
    ///
    /// # Panics
    /// Where it is otherwise.
    pub fn claims(&mut self, sentence: &'static str, holds: bool) {
        assert!(self.text.contains(sentence), "{} does not say {sentence:?}", self.name);
        assert!(holds, "{} says {sentence:?}, and it is not so", self.name);
        self.tested.push(sentence);
    }

    /// That the answer which the lesson calls right is this one, and no other.
    ///
    /// # Panics
    /// Where it is otherwise.
    pub fn answers(&self, answer: &str) {
        let inputs = self.text.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
        let right: Vec<&str> = inputs.filter(|attributes| attributes.contains("data-right")).collect();
        assert_eq!(right.len(), 1, "{}", self.name);
        assert!(right[0].contains(&format!("value=\"{answer}\"")), "{}: {} is not {answer}", self.name, right[0]);
    }

    /// That every point of its list was tested.
    ///
    /// # Panics
    /// Where it is otherwise.
    pub fn end(self) {
        let list = self.text.split("<h2>What to see</h2> <ul>").nth(1).and_then(|rest| rest.split("</ul>").next());
        for point in list.expect("what to see").split("<li>").skip(1) {
            let point = point.split("</li>").next().unwrap_or_default();
            assert!(self.tested.iter().any(|tested| point.contains(tested)), "{}: not tested: {point}", self.name);
        }
    }
}
