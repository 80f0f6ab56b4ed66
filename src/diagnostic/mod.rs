//! Diagnostics as values: a code, a message, labelled places, and what to write instead.
//!
//! A stage collects as many as it can find before it gives up; rendering is [`render`]'s.

mod code;
mod render;
mod source;
mod suggest;

pub use code::{Code, Severity};
pub use render::{Style, render};
pub use source::{FileId, SourceFile, Sources, Span};
pub use suggest::{list, list_all, nearest};

/// A place in a file and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What stands there; may be empty.
    pub text: String,
}

/// One thing that is wrong, or worth a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of mistake.
    pub code: Code,
    /// The mistake in this case, in one sentence without a full stop.
    pub message: String,
    /// The offending place first; others explain it.
    pub labels: Vec<Label>,
    /// What to write instead.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic without a place yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// A diagnostic at a place.
    pub fn at(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic::new(code, message).label(span, "")
    }

    /// Adds a labelled place; the first one is the offending text.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a line of advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds "did you mean" where a known name is near, else the list of what exists.
    #[must_use]
    pub fn suggest<'a>(self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(given, known.iter().copied()) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if known.is_empty() => self,
            None if known.len() == 1 => self.help(format!("there is only {}", list(&known))),
            None => self.help(format!("there are {}", list(&known))),
        }
    }

    /// The same, with the labels that point into one file pointing into another.
    #[must_use]
    pub(crate) fn moved(&self, from: FileId, to: FileId) -> Self {
        let mut moved = self.clone();
        for label in moved.labels.iter_mut().filter(|label| label.span.file == from) {
            label.span.file = to;
        }
        moved
    }

    /// Whether it stops the run.
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }
}

/// Collects diagnostics, each place and code once.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Diagnostics::default()
    }

    /// Adds one, unless the same code stands at the same place with the same message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let known = self.items.iter().any(|d| {
            d.code == diagnostic.code
                && d.message == diagnostic.message
                && d.labels.first() == diagnostic.labels.first()
        });
        if !known {
            self.items.push(diagnostic);
        }
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        others.into_iter().for_each(|d| self.push(d));
    }

    /// Whether any of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(Diagnostic::is_error)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// In the order of the files, then of the places.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.items.sort_by_key(|d| (d.labels.first().map(|l| l.span), d.code));
        self.items
    }
}

impl From<Diagnostic> for Diagnostics {
    /// That one alone.
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics { items: vec![diagnostic] }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(items: I) -> Self {
        let mut diagnostics = Diagnostics::new();
        diagnostics.extend(items);
        diagnostics
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}
