//! One Rust file: its definitions, imports and paths.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// Keywords before the name of an item.
const ITEMS: [&str; 9] = ["struct", "enum", "union", "trait", "fn", "const", "static", "type", "macro_rules"];

/// The content of a Rust file, without tests.
#[derive(Default)]
pub struct Source {
    /// Path below the crate's `src`, such as `data/mod.rs`.
    pub file: String,
    /// Names of its top-level items.
    pub definitions: BTreeSet<String>,
    /// The names that it imports, one per entry.
    pub imports: Vec<Import>,
    /// The paths of two or more segments in its code.
    pub paths: Vec<Vec<String>>,
    /// The first segments of all paths in its code, including single names.
    pub words: BTreeSet<String>,
}

/// One imported name.
pub struct Import {
    /// The imported path as written; for `a::*` and `a::{self}` it is `a`.
    pub path: Vec<String>,
    /// Its name in this file; `*` for a glob import.
    pub name: String,
    /// Whether it is re-exported (`pub`, in any form).
    pub public: bool,
}

impl Import {
    /// Returns whether this is a glob import.
    pub fn is_glob(&self) -> bool {
        self.name == "*"
    }
}

impl Source {
    /// Parses the text of a file.
    ///
    /// # Errors
    /// If the text does not consist of Rust tokens.
    pub fn read(file: &str, text: &str) -> Result<Self, LexError> {
        let mut source = Self { file: file.into(), ..Self::default() };
        source.scan(&text.parse::<TokenStream>()?.into_iter().collect::<Vec<_>>(), true);
        Ok(source)
    }

    /// Returns the path of its module from the crate's root.
    pub fn module(&self) -> Vec<String> {
        let mut segments: Vec<String> = self.file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        let last = segments.last().map(String::as_str);
        if last == Some("mod") || (segments.len() == 1 && matches!(last, Some("lib" | "main"))) {
            segments.pop();
        }
        segments
    }

    /// Scans tokens; `outside` means not within an item.
    fn scan(&mut self, tokens: &[TokenTree], outside: bool) {
        let (mut at, mut public) = (0, false);
        while at < tokens.len() {
            let mut next = at + 1;
            match &tokens[at] {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    next += usize::from(is_punct(tokens.get(next), '!'));
                    if let Some(TokenTree::Group(attribute)) = tokens.get(next) {
                        next = if is_test(attribute.stream()) { item_end(tokens, next + 1) } else { next + 1 };
                    }
                }
                TokenTree::Ident(word) => match word.to_string().as_str() {
                    "pub" => {
                        public = true;
                        next += usize::from(is_group(tokens.get(next), Delimiter::Parenthesis));
                        at = next;
                        continue;
                    }
                    "use" => {
                        next = item_end(tokens, at + 1);
                        self.import(&tokens[at + 1..next], &[], public);
                    }
                    "mod" => next += 1,
                    item if ITEMS.contains(&item) => {
                        next += usize::from(is_punct(tokens.get(next), '!'));
                        if let (true, Some(TokenTree::Ident(name))) = (outside, tokens.get(next)) {
                            self.definitions.insert(name.to_string());
                        }
                    }
                    _ => {
                        let (path, end) = path(tokens, at);
                        self.words.insert(path[0].clone());
                        if path.len() > 1 {
                            self.paths.push(path);
                        }
                        next = end;
                    }
                },
                TokenTree::Group(group) => self.scan(&group.stream().into_iter().collect::<Vec<_>>(), false),
                _ => {}
            }
            (at, public) = (next, false);
        }
    }

    /// Adds the names of a `use` declaration, whose tokens follow `before`.
    fn import(&mut self, tokens: &[TokenTree], before: &[String], public: bool) {
        let (mut tree, mut name) = (before.to_vec(), None);
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    name = tokens.get(at + 1).map(ToString::to_string);
                    break;
                }
                // `{self}` stands for the module itself.
                TokenTree::Ident(word) if word == "self" && !tree.is_empty() => {}
                TokenTree::Ident(word) => tree.push(word.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => name = Some("*".into()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for each in inner.split(|token| is_punct(Some(token), ',')).filter(|each| !each.is_empty()) {
                        self.import(each, &tree, public);
                    }
                    return;
                }
                _ => {}
            }
        }
        if let Some(name) = name.or_else(|| tree.last().cloned()) {
            self.imports.push(Import { path: tree, name, public });
        }
    }
}

/// Returns the path that starts at a token, and its end.
fn path(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let (mut path, mut at) = (vec![tokens[start].to_string()], start + 1);
    while is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':') {
        let Some(TokenTree::Ident(word)) = tokens.get(at + 2) else { break };
        path.push(word.to_string());
        at += 3;
    }
    (path, at)
}

/// Returns the position after the item that starts here: after its braces or semicolon.
fn item_end(tokens: &[TokenTree], start: usize) -> usize {
    let is_use = tokens.get(start.wrapping_sub(1)).is_some_and(|token| token.to_string() == "use");
    let ends = |token: &TokenTree| is_punct(Some(token), ';') || (!is_use && is_group(Some(token), Delimiter::Brace));
    tokens[start..].iter().position(ends).map_or(tokens.len(), |place| start + place + 1)
}

/// Returns whether an attribute is `cfg(test)`, alone or in a combination.
fn is_test(attribute: TokenStream) -> bool {
    let words = attribute.to_string();
    words.starts_with("cfg") && words.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "test")
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}
