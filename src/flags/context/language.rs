//! The language that somebody prefers (RFC 9110, 12.5.4).

/// The tag of `Accept-Language` with the largest weight; the first of several. `*` is none.
pub(super) fn preferred(header: &str) -> Option<&str> {
    let mut best: Option<(&str, f32)> = None;
    for range in header.split(',') {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let tag = tag.trim();
        let weight = match parameters.trim().split_once('=') {
            Some((name, weight)) if name.trim().eq_ignore_ascii_case("q") => {
                weight.trim().parse().unwrap_or(0.0)
            }
            _ => 1.0,
        };
        let is_tag = !tag.is_empty()
            && tag
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_tag && weight > 0.0 && best.is_none_or(|(_, most)| weight > most) {
            best = Some((tag, weight));
        }
    }
    best.map(|(tag, _)| tag)
}

/// The first part of a tag (RFC 5646), in lower case.
pub(super) fn without_region(tag: &str) -> String {
    tag.split('-').next().unwrap_or(tag).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_weight_wins() {
        for (header, expected) in [
            ("de", Some("de")),
            ("en;q=0.5, de-AT;q=0.9, fr;q=0.9", Some("de-AT")),
            ("*, en;q=0.1", Some("en")),
            ("en;q=0", None),
            ("en;q=x, de;q=0.2", Some("de")),
            ("", None),
            (";;,,==", None),
        ] {
            assert_eq!(preferred(header), expected, "{header}");
        }
        assert_eq!(without_region("DE-at"), "de");
    }
}
