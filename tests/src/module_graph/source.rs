//! One file of Rust: what it defines, imports and names.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// Words before the name of an item.
const ITEMS: [&str; 9] = ["struct", "enum", "union", "trait", "fn", "const", "static", "type", "macro_rules"];

/// What a file of Rust says, tests apart.
#[derive(Default)]
pub struct Source {
    /// Below the crate's `src`, such as `data/mod.rs`.
    pub file: String,
    /// The items that it defines outside of others.
    pub definitions: BTreeSet<String>,
    /// The names that it imports, one by one.
    pub imports: Vec<Import>,
    /// The paths of two segments or more in its code.
    pub paths: Vec<Vec<String>>,
    /// The first words of all paths in its code, those of one segment too.
    pub words: BTreeSet<String>,
}

/// One name of a `use`.
pub struct Import {
    /// What is imported, as written; of `a::*` and `a::{self}` it is `a`.
    pub path: Vec<String>,
    /// What it is called here; `*` for all of a module.
    pub name: String,
    /// Whether it is handed on (`pub`, in any form).
    pub public: bool,
}

impl Import {
    /// Whether it imports all of a module.
    pub fn is_glob(&self) -> bool {
        self.name == "*"
    }
}

impl Source {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// Where the text is not made of Rust's tokens.
    pub fn read(file: &str, text: &str) -> Result<Self, LexError> {
        let mut source = Self { file: file.into(), ..Self::default() };
        source.scan(&text.parse::<TokenStream>()?.into_iter().collect::<Vec<_>>(), true);
        Ok(source)
    }

    /// The path of its module from the crate's root.
    pub fn module(&self) -> Vec<String> {
        let mut segments: Vec<String> = self.file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        let last = segments.last().map(String::as_str);
        if last == Some("mod") || (segments.len() == 1 && matches!(last, Some("lib" | "main"))) {
            segments.pop();
        }
        segments
    }

    /// Goes through tokens; `outside`: not within an item.
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

    /// The names of a `use`, whose tokens follow `before`.
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

/// The path that starts at a word, and where it ends.
fn path(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let (mut path, mut at) = (vec![tokens[start].to_string()], start + 1);
    while is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':') {
        let Some(TokenTree::Ident(word)) = tokens.get(at + 2) else { break };
        path.push(word.to_string());
        at += 3;
    }
    (path, at)
}

/// After the item that starts here: its braces or its semicolon.
fn item_end(tokens: &[TokenTree], start: usize) -> usize {
    let is_use = tokens.get(start.wrapping_sub(1)).is_some_and(|token| token.to_string() == "use");
    let ends = |token: &TokenTree| is_punct(Some(token), ';') || (!is_use && is_group(Some(token), Delimiter::Brace));
    tokens[start..].iter().position(ends).map_or(tokens.len(), |place| start + place + 1)
}

/// Whether an attribute is `cfg(test)`, or asks for it among other things.
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
