//! Redis's globs: what `scan` and `zscan` take.

/// Whether `text` matches `pattern`, byte by byte, as Redis's `MATCH` does.
///
/// `*`, `?`, `[abc]`, `[^a]`, `[a-z]` (in either order), `\` to escape. A class that is not closed
/// ends with the pattern; a `\` at the very end stands for itself. An empty pattern matches
/// only the empty text.
///
/// ```
/// use fastedge_host::glob::matches;
///
/// assert!(matches(b"user:[0-9]*", b"user:42/name"));
/// assert!(!matches(b"user:\\*", b"user:42"));
/// ```
///
/// At worst the work is the product of the two lengths: a failed attempt goes
/// back to the latest `*` only, which is enough, since an earlier one could not reach further.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    // The commands take this pattern for no pattern at all: it matches the empty key as well, which
    // otherwise only the empty pattern does.
    if pattern == b"*" {
        return true;
    }
    if text.is_empty() {
        return pattern.is_empty();
    }
    let (mut p, mut t) = (0, 0);
    let mut latest_star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            latest_star = Some((p + 1, t));
            p += 1;
            continue;
        }
        match match_one(&pattern[p..], text[t]) {
            Some(length) => {
                p += length;
                t += 1;
            }
            None => match &mut latest_star {
                Some((after_star, from)) => {
                    *from += 1;
                    (p, t) = (*after_star, *from);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// The length of the pattern's first element, if it matches `byte`.
fn match_one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [] => None,
        [b'?', ..] => Some(1),
        [b'[', class @ ..] => {
            let (matched, length) = match_class(class, byte);
            matched.then_some(1 + length)
        }
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [literal, ..] => (*literal == byte).then_some(1),
    }
}

/// Whether a class, from after its `[`, has `byte`; and its length, with its `]`.
fn match_class(class: &[u8], byte: u8) -> (bool, usize) {
    let negated = class.first() == Some(&b'^');
    let mut at = usize::from(negated);
    let mut found = false;
    loop {
        match &class[at..] {
            [] => break,
            [b'\\', escaped, ..] => {
                found |= *escaped == byte;
                at += 2;
            }
            [b']', ..] => {
                at += 1;
                break;
            }
            [from, b'-', to, ..] => {
                // Redis compares C's signed chars: bytes above 127 come before all others.
                let [from, to, byte] = [*from, *to, byte].map(u8::cast_signed);
                found |= (from.min(to)..=from.max(to)).contains(&byte);
                at += 3;
            }
            [one, ..] => {
                found |= *one == byte;
                at += 1;
            }
        }
    }
    (found != negated, at)
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(
                matches(pattern.as_bytes(), text.as_bytes()),
                "{pattern} should match {text}"
            );
        }
        for text in no {
            assert!(
                !matches(pattern.as_bytes(), text.as_bytes()),
                "{pattern} should not match {text}"
            );
        }
    }

    #[test]
    fn stars_cross_everything_and_backtrack() {
        check("*", &["", "a", "a:b/c"], &[]);
        check("user:*", &["user:", "user:1:x/y"], &["user", "xuser:1"]);
        check("a*b*c", &["abc", "a-b-b-c", "abcbc"], &["acb", "ab", "bc"]);
        check("*a*", &["a", "bab"], &["b", ""]);
        check("**", &["x"], &[""]);
        check("*[^a]", &["ab", "b"], &["a", "ba"]);
    }

    #[test]
    fn single_characters_and_classes() {
        check("h?llo", &["hello", "h\\llo"], &["hllo", "heello"]);
        check("h[ae]llo", &["hello", "hallo"], &["hillo", "h[llo"]);
        check("h[^e]llo", &["hallo"], &["hello"]);
        check("h[a-c]llo", &["hbllo"], &["hdllo", "h-llo"]);
        check("[c-a]", &["b"], &["d"]);
        check("[a\\]b]", &["]", "a", "b"], &["\\"]);
        check("[]", &[], &["a", "]", "[]"]);
        check("[^]", &["a", "]"], &[""]);
    }

    #[test]
    fn ranges_compare_signed_bytes() {
        assert!(matches(b"[a-\xff]", b"A"));
        assert!(!matches(b"[a-\xff]", b"b"));
        assert!(matches(b"[\xf0-\xff]", b"\xf7"));
    }

    #[test]
    fn escapes_are_literal() {
        check("a\\*", &["a*"], &["ab", "a\\*"]);
        check("a\\", &["a\\"], &["a"]);
        check("\\", &["\\"], &[""]);
    }

    #[test]
    fn malformed_patterns_follow_redis() {
        check("", &[""], &["a"]);
        check("[ab", &["a", "b"], &["c", "[ab"]);
        check("[", &[], &["[", "a", ""]);
        check("[^", &["a"], &[""]);
        check("[a-", &["a", "-"], &["b"]);
    }

    #[test]
    fn hostile_patterns_end() {
        let pattern = "a*".repeat(500) + "b";
        assert!(!matches(pattern.as_bytes(), &[b'a'; 5_000]));
    }
}
