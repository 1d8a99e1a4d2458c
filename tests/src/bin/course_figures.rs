//! Draws the figures of the course from the embedded study: `course_figures FOLDER`, with web/course/figures as folder.

use std::path::PathBuf;

use prediction_depth_tests::Course;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: course_figures FOLDER")?);
    for (name, svg) in Course::embedded().figures() {
        std::fs::write(folder.join(name), svg)?;
    }
    Ok(())
}
