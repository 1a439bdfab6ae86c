//! What is probably meant by a word that is mistyped.

/// A problem with one of several possible words: the likeliest one is suggested.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> String {
    let closest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(word, known), *known))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match closest {
        Some((similarity, known)) if similarity > 0.8 => format!("did you mean `{known}`?"),
        _ => format!("known are: {}", known.join(", ")),
    }
}
