//! A lesson of the course and its claims.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the folder of the course.
pub fn course_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/course")
}

/// A lesson's text, and the sentences tested so far.
pub struct Lesson {
    name: &'static str,
    /// The text, with line breaks replaced by spaces.
    pub text: String,
    tested: Vec<&'static str>,
}

impl Lesson {
    /// Reads a lesson by its file name.
    ///
    /// # Panics
    /// If the file cannot be read.
    pub fn open(name: &'static str) -> Self {
        let text = fs::read_to_string(course_folder().join(format!("{name}.html"))).expect("a lesson");
        Self { name, text: text.split_whitespace().collect::<Vec<_>>().join(" "), tested: Vec::new() }
    }

    /// Checks that the lesson contains the sentence, and that it is true.
    ///
    /// # Panics
    /// If either does not hold.
    pub fn claims(&mut self, sentence: &'static str, holds: bool) {
        assert!(self.text.contains(sentence), "{} does not say {sentence:?}", self.name);
        assert!(holds, "{} says {sentence:?}, and it is not so", self.name);
        self.tested.push(sentence);
    }

    /// Checks that the lesson marks this answer, and no other, as correct.
    ///
    /// # Panics
    /// If it does not.
    pub fn answers(&self, answer: &str) {
        let inputs = self.text.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
        let right: Vec<&str> = inputs.filter(|attributes| attributes.contains("data-right")).collect();
        assert_eq!(right.len(), 1, "{}", self.name);
        assert!(right[0].contains(&format!("value=\"{answer}\"")), "{}: {} is not {answer}", self.name, right[0]);
    }

    /// Checks that every item of the lesson's list was tested.
    ///
    /// # Panics
    /// If one was not.
    pub fn end(self) {
        let list = self.text.split("<h2>What to see</h2> <ul>").nth(1).and_then(|rest| rest.split("</ul>").next());
        for point in list.expect("what to see").split("<li>").skip(1) {
            let point = point.split("</li>").next().unwrap_or_default();
            assert!(self.tested.iter().any(|tested| point.contains(tested)), "{}: not tested: {point}", self.name);
        }
    }
}
