//! The HTML snippets that embed this view in another page.

/// The parts of the page's URL.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// Protocol, host and path, up to `?`.
    pub page: &'a str,
    /// The query, without `?`.
    pub query: &'a str,
    /// The hash, without `#`.
    pub hash: &'a str,
}

/// Attributes of the element, by their names in the URL.
const ATTRIBUTES: [(&str, &str); 13] = [
    ("show", "view"),
    ("hide", "hide"),
    ("study", "study"),
    ("theme", "theme"),
    ("device", "device"),
    ("layers", "layers"),
    ("width", "width"),
    ("epochs", "epochs"),
    ("rate", "rate"),
    ("noise", "noise"),
    ("noise-seed", "noise-seed"),
    ("k", "k"),
    ("seed", "seed"),
];

impl Address<'_> {
    /// Returns `<prediction-depth>` and its script. If the page is a local file, the snippet expects it beside the
    /// other page.
    pub fn element(&self) -> String {
        let (folder, name) = self.page.rsplit_once('/').unwrap_or(("", self.page));
        let near = self.is_file();
        let script = if near { "prediction-depth.js".into() } else { format!("{folder}/prediction-depth.js") };
        let mut attributes = if near { format!(" src=\"{}\"", escaped(name)) } else { String::new() };
        for (key, value) in self.pairs() {
            let known = ATTRIBUTES.iter().find(|(name, _)| *name == key);
            if let Some((_, attribute)) = known {
                let value = decoded(value);
                let words = if ["show", "hide"].contains(&key) { value.replace(',', " ") } else { value };
                attributes += &format!(" {attribute}=\"{}\"", escaped(&words));
            }
        }
        if !self.hash.is_empty() {
            attributes += &format!(" selection=\"{}\"", escaped(self.hash));
        }
        format!(
            "<script src=\"{}\" defer></script>\n<prediction-depth{attributes}></prediction-depth>",
            escaped(&script)
        )
    }

    /// Returns an `<iframe>`.
    pub fn frame(&self) -> String {
        let (_, name) = self.page.rsplit_once('/').unwrap_or(("", self.page));
        let page = if self.is_file() { name } else { self.page };
        let others = self.pairs().filter(|(key, _)| *key != "embed").map(|(key, value)| format!("&{key}={value}"));
        let hash = if self.hash.is_empty() { String::new() } else { format!("#{}", self.hash) };
        let address = format!("{page}?embed=1{}{hash}", others.collect::<String>());
        format!(
            "<iframe src=\"{}\" title=\"Prediction depth\" width=\"100%\" height=\"900\" loading=\"lazy\"></iframe>",
            escaped(&address)
        )
    }

    fn is_file(&self) -> bool {
        !self.page.starts_with("http")
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.split('&').filter_map(|pair| pair.split_once('='))
    }
}

/// Decodes `+` and percent escapes of a query value; returns damaged values unchanged.
fn decoded(value: &str) -> String {
    let text = value.replace('+', " ");
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(byte) = byte else { return text };
        bytes.push(byte);
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap_or(text)
}

/// Escapes text for an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_snippets_carry_the_view() {
        let address = Address {
            page: "https://example.org/depth/index.html",
            query: "embed=0&hide=strip,map&theme=dark&x=\"",
            hash: "split=test&depth=2-5",
        };
        assert_eq!(
            address.element(),
            "<script src=\"https://example.org/depth/prediction-depth.js\" defer></script>\n\
             <prediction-depth hide=\"strip map\" theme=\"dark\" selection=\"split=test&amp;depth=2-5\"></prediction-depth>"
        );
        assert_eq!(
            address.frame(),
            "<iframe src=\"https://example.org/depth/index.html?embed=1&amp;hide=strip,map&amp;theme=dark&amp;x=&quot;\
             #split=test&amp;depth=2-5\" title=\"Prediction depth\" width=\"100%\" height=\"900\" loading=\"lazy\"></iframe>"
        );
    }

    #[test]
    fn attributes_are_not_encoded() {
        let query = "study=https%3A%2F%2Fexample.org%2Fm%C3%BC.gz&show=strip%2Cmap&theme=%zz";
        let element = Address { page: "http://x/", query, hash: "" }.element();
        assert!(element.contains(r#" study="https://example.org/mü.gz" view="strip map" theme="%zz">"#), "{element}");
    }

    #[test]
    fn a_page_in_one_file_is_named_as_a_file_beside() {
        let address = Address { page: "file:///home/me/prediction-depth.html", query: "", hash: "" };
        assert!(address.element().ends_with("<prediction-depth src=\"prediction-depth.html\"></prediction-depth>"));
        assert!(address.element().starts_with("<script src=\"prediction-depth.js\""));
        assert!(address.frame().starts_with("<iframe src=\"prediction-depth.html?embed=1\""));
    }
}
