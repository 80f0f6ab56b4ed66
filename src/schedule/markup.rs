//! Texts without the markup and the spaces that exports leave in them.

/// Entities that stand for a character.
const ENTITIES: [(&str, char); 12] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("cent", '¢'),
    ("deg", '°'),
    ("frac12", '½'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("sup2", '²'),
];

/// A text without tags, with entities as characters, and with one space where there were several or a line break.
pub fn clean(text: &str) -> String {
    let decoded = without_entities(&without_tags(text));
    let visible = decoded.chars().filter(|c| !matches!(c, '\u{200b}' | '\u{feff}'));
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A tag is a letter or a slash behind `<`, up to the next `>`; any other `<` is one.
fn without_tags(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        plain.push_str(before);
        let opens = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match tag.find('>') {
            Some(end) if opens => rest = &tag[end + 1..],
            _ => {
                plain.push('<');
                rest = &tag[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn without_entities(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some(start) = rest.find('&') {
        let (before, behind) = rest.split_at(start);
        plain.push_str(before);
        let named = behind.find(';').and_then(|end| Some((character(&behind[1..end])?, end)));
        if let Some((character, end)) = named {
            plain.push(character);
            rest = &behind[end + 1..];
        } else {
            plain.push('&');
            rest = &behind[1..];
        }
    }
    plain.push_str(rest);
    plain
}

/// The character an entity stands for.
fn character(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn markup_is_taken_out() {
        let cases = [
            ("<i>Salmo</i> <il>trutta</il>", "Salmo trutta"),
            ("m<sup>2</sup>", "m2"),
            ("1.1&cent;/kg", "1.1¢/kg"),
            ("Fish &amp; crustaceans", "Fish & crustaceans"),
            ("Bolts&#8211;nuts &#x2014; other", "Bolts–nuts — other"),
            ("Free \n(A+,\u{a0}AU)", "Free (A+, AU)"),
            ("under <25 kg & <b>over</b>", "under <25 kg & over"),
            ("a &unknown; b &", "a &unknown; b &"),
            ("no\u{200b}thing < ", "nothing <"),
        ];
        for (text, plain) in cases {
            assert_eq!(clean(text), plain);
        }
    }
}
