//! "Did you mean": the nearest known name, and lists of what exists.

/// The known name nearest to a given one, if one is near enough to be meant.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |s: &str| s.to_lowercase().replace(['-', ' '], "_");
    let given = plain(given);
    let allowed = (given.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&given, &plain(name)), name))
        .filter(|(distance, name)| *distance <= allowed && *distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}

/// Names in backticks, commas between; a long list is cut and says so.
pub fn list(names: &[&str]) -> String {
    const SHOWN: usize = 30;
    match names.split_at_checked(SHOWN) {
        Some((shown, rest)) if !rest.is_empty() => format!("{}, and {} more", list_all(shown), rest.len()),
        _ => list_all(names),
    }
}

/// Names in backticks, commas between, however many.
pub fn list_all(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
