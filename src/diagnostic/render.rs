//! Diagnostics as text: the code and the message, the line with the offending text underlined,
//! and what to write instead.

use super::{Diagnostic, Label, Severity, Sources};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str,
};

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With terminal colours.
    pub colour: bool,
    /// Columns to draw in.
    pub width: usize,
}

/// One diagnostic as text that ends in a line break.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.id());
    let mut group = Group::with_title(title);
    let mut drawn: Vec<&Label> = Vec::new();
    for label in &diagnostic.labels {
        if drawn.iter().any(|d| d.span.file == label.span.file) {
            continue;
        }
        if let Some(snippet) = snippet(label, diagnostic, sources) {
            drawn.push(label);
            group = group.element(snippet);
        }
    }
    for help in &diagnostic.help {
        // Titles, labels and excerpts are rid of control characters where they are drawn; messages are not.
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width.max(40));
    // The drawing leaves these control characters in place, and some terminals obey them.
    let is_left = |c| ('\u{80}'..='\u{9f}').contains(&c);
    let mut text = renderer.render(&[group]).replace(is_left, "\u{fffd}");
    text.push('\n');
    text
}

/// The snippet of the file of `first`, with every label that lies in that file.
fn snippet<'a>(
    first: &Label,
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let file = sources.get(first.span.file)?;
    let mut snippet = Snippet::source(&*file.text).line_start(file.first_line).path(&*file.path).fold(true);
    for (i, label) in diagnostic.labels.iter().enumerate() {
        if label.span.file != first.span.file {
            continue;
        }
        let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let end = (label.span.end as usize).min(file.text.len());
        let start = (label.span.start as usize).min(end);
        let mut annotation = kind.span(start..end);
        if !label.text.is_empty() {
            annotation = annotation.label(&*label.text);
        }
        snippet = snippet.annotation(annotation);
    }
    Some(snippet)
}
