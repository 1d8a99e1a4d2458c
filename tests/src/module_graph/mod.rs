//! The dependencies between the files of a crate, and circles among them.

mod circle;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use circle::components;
pub use circle::{Circle, Tie};
use source::{Import, Source};

/// Maximum length of a chain of re-exports.
const RE_EXPORTS: usize = 16;

/// The modules of a crate, one per file, and the names that each uses from others.
///
/// A name belongs to the file that defines it, even if it is used through a re-export. Declaring a module
/// (`mod child;`) or re-exporting its names (`pub use child::Name;`) is not a dependency, but using the name is.
/// Ignores code under `#[cfg(test)]`, files called `tests`, and method calls, which name no file.
pub struct ModuleGraph {
    sources: BTreeMap<Vec<String>, Source>,
    /// The dependencies of each module, with the names that it uses.
    edges: BTreeMap<Vec<String>, BTreeMap<Vec<String>, BTreeSet<String>>>,
}

impl ModuleGraph {
    /// Reads a crate's `src`, whose root is `lib.rs` or `main.rs`.
    ///
    /// # Errors
    /// Any error of reading the files; [`io::ErrorKind::InvalidData`], with the name of the file, if a file is not
    /// Rust.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut sources = BTreeMap::new();
        read_folder(root, root, &mut sources)?;
        let mut graph = Self { sources, edges: BTreeMap::new() };
        let edges = graph.sources.iter().map(|(module, source)| (module.clone(), graph.uses(module, source)));
        graph.edges = edges.collect();
        Ok(graph)
    }

    /// Returns the files below `src`, sorted, such as `data/mod.rs`.
    pub fn files(&self) -> BTreeSet<&str> {
        self.sources.values().map(|source| source.file.as_str()).collect()
    }

    /// Returns the files that a file depends on, with the names that it uses from each.
    pub fn dependencies(&self, file: &str) -> BTreeMap<&str, Vec<&str>> {
        let module = self.sources.iter().find(|(_, source)| source.file == file).map(|(module, _)| module);
        let edges = module.and_then(|module| self.edges.get(module)).into_iter().flatten();
        edges.map(|(to, names)| (self.file(to), names.iter().map(String::as_str).collect())).collect()
    }

    /// Returns every circle. Circles are searched in each folder, among its files and subfolders: a circle of files is
    /// found in the folder that contains all of them, and a circle of folders even if no files form one.
    pub fn circles(&self) -> Vec<Circle> {
        let folders: BTreeSet<&[String]> =
            self.sources.keys().flat_map(|module| (0..=module.len()).map(|length| &module[..length])).collect();
        folders.into_iter().flat_map(|folder| self.circles_in(folder)).collect()
    }

    fn circles_in(&self, folder: &[String]) -> Vec<Circle> {
        let part = |module: &[String]| Some(module.strip_prefix(folder)?.first().cloned().unwrap_or_default());
        let mut parts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut ties = Vec::new();
        for (from, targets) in &self.edges {
            for (to, names) in targets {
                if let (Some(from_part), Some(to_part)) = (part(from), part(to))
                    && from_part != to_part
                {
                    parts.entry(from_part.clone()).or_default().insert(to_part.clone());
                    parts.entry(to_part.clone()).or_default();
                    let names = names.iter().cloned().collect();
                    let [from, to] = [from, to].map(|module| self.file(module).to_owned());
                    ties.push(([from_part, to_part], Tie { from, to, names }));
                }
            }
        }
        let circles = components(&parts).into_iter().filter(|component| component.len() > 1);
        let within = |component: BTreeSet<String>| {
            let ties = ties.iter().filter(|(ends, _)| ends.iter().all(|end| component.contains(end)));
            Circle { ties: ties.map(|(_, tie)| tie.clone()).collect() }
        };
        circles.map(within).collect()
    }

    fn file(&self, module: &[String]) -> &str {
        self.sources.get(module).map_or("", |source| &source.file)
    }

    /// Returns the other modules that a module uses, with the names.
    fn uses(&self, module: &[String], source: &Source) -> BTreeMap<Vec<String>, BTreeSet<String>> {
        let mut uses: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
        let mut add = |target: &[String], name: &str| {
            if target != module {
                uses.entry(target.to_vec()).or_default().insert(name.into());
            }
        };
        for import in &source.imports {
            let found = if import.is_glob() {
                self.module(module, &import.path, 0).map(|target| (target, import.name.clone()))
            } else {
                self.item(module, &import.path, 0)
            };
            let Some((target, name)) = found else { continue };
            let handed_on = import.public && target.starts_with(module);
            if !handed_on || source.words.contains(&import.name) {
                add(&target, &name);
            }
        }
        for path in &source.paths {
            if let Some((target, name)) = self.item(module, path, 0) {
                add(&target, &name);
            }
        }
        uses
    }

    /// Resolves a path to a module, as seen from `module`; `None` if it names an item or another crate.
    fn module(&self, module: &[String], path: &[String], followed: usize) -> Option<Vec<String>> {
        let (mut at, rest) = self.start(module, path, followed)?;
        for segment in rest {
            at = self.child(&at, segment).or_else(|| {
                let import = self.import(&at, segment)?;
                (followed < RE_EXPORTS).then(|| self.module(&at, &import.path, followed + 1))?
            })?;
        }
        Some(at)
    }

    /// Resolves a path to the module that defines the item, and the item's name, as seen from `module`; `None` if it
    /// names a module or another crate.
    fn item(&self, module: &[String], path: &[String], followed: usize) -> Option<(Vec<String>, String)> {
        let (mut at, rest) = self.start(module, path, followed)?;
        for (place, segment) in rest.iter().enumerate() {
            let last = place + 1 == rest.len();
            let child = self.child(&at, segment);
            if let Some(child) = child.filter(|_| !last || self.defining(&at, segment, followed).is_none()) {
                at = child;
                continue;
            }
            if let Some(import) = self.import(&at, segment).filter(|_| !last && followed < RE_EXPORTS)
                && let Some(target) = self.module(&at, &import.path, followed + 1)
            {
                at = target;
                continue;
            }
            return self.defining(&at, segment, followed).or_else(|| Some((at.clone(), segment.clone())));
        }
        None
    }

    /// Returns where the item with this name in `module` is defined.
    fn defining(&self, module: &[String], name: &str, followed: usize) -> Option<(Vec<String>, String)> {
        let source = self.sources.get(module)?;
        if source.definitions.contains(name) {
            return Some((module.to_vec(), name.into()));
        }
        if followed == RE_EXPORTS {
            return None;
        }
        if let Some(import) = self.import(module, name) {
            return self.item(module, &import.path, followed + 1);
        }
        let globs = source.imports.iter().filter(|import| import.is_glob());
        globs
            .filter_map(|glob| self.module(module, &glob.path, followed + 1))
            .find_map(|target| self.defining(&target, name, followed + 1))
    }

    /// Returns the module at which a path starts, and the rest of the path.
    fn start<'a>(&self, module: &[String], path: &'a [String], followed: usize) -> Option<(Vec<String>, &'a [String])> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some((Vec::new(), rest)),
            "self" => Some((module.to_vec(), rest)),
            "super" => {
                let supers = path.iter().take_while(|segment| *segment == "super").count();
                Some((module.get(..module.len().checked_sub(supers)?)?.to_vec(), &path[supers..]))
            }
            name => {
                if self.child(module, name).is_some() {
                    return Some((module.to_vec(), path));
                }
                let import = self.import(module, name).filter(|import| import.path[0] != *name)?;
                let target = (followed < RE_EXPORTS).then(|| self.module(module, &import.path, followed + 1))??;
                Some((target, rest))
            }
        }
    }

    fn child(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let child = [module, &[name.to_owned()]].concat();
        self.sources.contains_key(&child).then_some(child)
    }

    fn import(&self, module: &[String], name: &str) -> Option<&Import> {
        self.sources.get(module)?.imports.iter().find(|import| import.name == name)
    }
}

/// Reads the files of a folder and its subfolders.
fn read_folder(root: &Path, folder: &Path, sources: &mut BTreeMap<Vec<String>, Source>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        if path.is_dir() {
            read_folder(root, &path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).map_err(io::Error::other)?;
            let file = below.to_string_lossy().replace('\\', "/");
            let source = Source::read(&file, &fs::read_to_string(&path)?)
                .map_err(|problem| io::Error::new(io::ErrorKind::InvalidData, format!("{file}: {problem}")))?;
            sources.insert(source.module(), source);
        }
    }
    Ok(())
}
