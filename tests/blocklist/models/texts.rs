//! Domains and paths, beside plain loops.

use std::collections::BTreeMap;

use fastedge::blocklist::{DomainList, LookupTable, PathList};
use fastedge_pack::{Action, DomainRules, PathRules, TableRules};
use fastrand::Rng;

use super::{QUESTIONS, assert_same, with_list};

const LABELS: [&str; 12] = [
    "a",
    "b",
    "ab",
    "a-b",
    "example",
    "www",
    "x",
    "xn--bcher-kva",
    "com",
    "net",
    "shop-a",
    "z",
];

/// Labels, the first the outermost.
fn labels(rng: &mut Rng, most: usize, many: bool) -> Vec<String> {
    let count = rng.usize(1..=most);
    let label = |rng: &mut Rng| match many && rng.bool() {
        true => format!("{}{}", LABELS[rng.usize(..12)], rng.u16(0..300)),
        false => LABELS[rng.usize(..12)].to_owned(),
    };
    (0..count).map(|_| label(rng)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Subtree,
    Below,
    Exact,
}

fn rank(action: Action) -> (u8, u8) {
    match action {
        Action::Deny { tag } => (0, tag),
        Action::Allow => (1, 0),
        Action::Except => (2, 0),
    }
}

/// The rules by the labels that they are for.
type Model = BTreeMap<Vec<String>, Vec<(Scope, Action)>>;

/// What a plain loop over a name and all that it is below says.
fn asked(model: &Model, name: &[String]) -> Option<u8> {
    let mut listed = None;
    let mut is_final = false;
    for length in 0..=name.len() {
        let Some(rules) = model.get(&name[..length]) else {
            continue;
        };
        for scope in [Scope::Subtree, Scope::Below, Scope::Exact] {
            let applies = match scope {
                Scope::Subtree => true,
                Scope::Below => length < name.len(),
                Scope::Exact => length == name.len(),
            };
            let of_scope = rules.iter().filter(|(one, _)| *one == scope);
            let action = of_scope
                .map(|(_, action)| *action)
                .max_by_key(|action| rank(*action));
            match action.filter(|_| applies && !is_final) {
                Some(Action::Deny { tag }) => listed = Some(tag),
                Some(Action::Allow) => listed = None,
                Some(Action::Except) => (listed, is_final) = (None, true),
                None => {}
            }
        }
    }
    listed
}

fn action(rng: &mut Rng, tags: u8) -> Action {
    match rng.u8(0..10) {
        0 | 1 => Action::Allow,
        2 => Action::Except,
        _ => Action::Deny {
            tag: rng.u8(..tags),
        },
    }
}

#[test]
fn domains_agree_with_a_loop() {
    let cases = (0..100).map(|seed| (seed, 30, QUESTIONS / 400, 1));
    for (seed, count, questions, tags) in
        cases.chain([(101, 60_000, QUESTIONS * 3 / 4, 9), (102, 9_000, 50_000, 1)])
    {
        let mut rng = Rng::with_seed(seed);
        let (mut rules, mut model) = (DomainRules::new(), Model::new());
        let mut names = Vec::new();
        for _ in 0..count {
            let name = labels(&mut rng, 5, count > 100);
            let domain: Vec<_> = name.iter().rev().map(String::as_str).collect();
            let domain = domain.join(".");
            let action = action(&mut rng, tags);
            let scope = [Scope::Subtree, Scope::Below, Scope::Exact][rng.usize(..3)];
            match scope {
                Scope::Subtree => rules.add(&domain, action).unwrap(),
                Scope::Below => rules.add(&format!("*.{domain}"), action).unwrap(),
                Scope::Exact => rules.add_exact(&domain, action).unwrap(),
            }
            model.entry(name.clone()).or_default().push((scope, action));
            names.push(name);
        }
        with_list(&rules.pack().unwrap(), |store, edge| {
            let mut list = DomainList::new(store, "list");
            for number in 0..questions {
                if number % 1000 == 0 {
                    list = DomainList::new(store, "list");
                    edge.clear_calls();
                }
                let mut name = names[rng.usize(..names.len())].clone();
                match rng.u8(0..4) {
                    0 => name.extend(labels(&mut rng, 2, true)),
                    1 => name = labels(&mut rng, 6, true),
                    2 => drop(name.pop()),
                    _ => {}
                }
                if name.is_empty() {
                    continue;
                }
                let domain: Vec<_> = name.iter().rev().map(String::as_str).collect();
                let mut domain = domain.join(".");
                match rng.u8(0..4) {
                    0 => domain.make_ascii_uppercase(),
                    1 => domain.push('.'),
                    _ => {}
                }
                let listed = list.check(&domain).unwrap().tag();
                assert_same((seed, &domain), listed, asked(&model, &name));
                if number % 1000 == 0 {
                    assert!(edge.calls().kv_reads() <= 2);
                }
            }
        });
    }
}

#[test]
fn paths_agree_with_a_loop() {
    let cases = (0..50).map(|seed| (seed, 30, QUESTIONS / 200));
    for (seed, count, questions) in cases.chain([(101, 30_000, QUESTIONS * 3 / 4)]) {
        let mut rng = Rng::with_seed(seed);
        let (mut rules, mut model) = (PathRules::new(), Model::new());
        let mut names = Vec::new();
        for _ in 0..count {
            let name = labels(&mut rng, 5, count > 100);
            let action = action(&mut rng, 3);
            let path = format!("/{}", name.join("/"));
            if rng.bool() {
                rules.add(&path, action).unwrap();
                model
                    .entry(name.clone())
                    .or_default()
                    .push((Scope::Subtree, action));
            } else {
                rules.add_exact(&path, action).unwrap();
                model
                    .entry(name.clone())
                    .or_default()
                    .push((Scope::Exact, action));
            }
            names.push(name);
        }
        with_list(&rules.pack().unwrap(), |store, _| {
            let list = PathList::new(store, "list");
            for _ in 0..questions {
                let mut name = names[rng.usize(..names.len())].clone();
                match rng.u8(0..4) {
                    0 => name.extend(labels(&mut rng, 2, true)),
                    1 => name = labels(&mut rng, 6, true),
                    2 => drop(name.pop()),
                    _ => {}
                }
                let mut path = format!("/{}", name.join("/"));
                match rng.u8(0..6) {
                    0 => path.push_str("?a=/b"),
                    1 => path = path.replace('/', "//"),
                    2 => path = path.replace('a', "%61"),
                    3 => path.insert_str(0, "/x/.."),
                    _ => {}
                }
                let listed = list.check(&path).unwrap().tag();
                assert_same((seed, &path), listed, asked(&model, &name));
            }
        });
    }
}

#[test]
fn a_domain_is_not_one_that_ends_alike() {
    let mut rules = DomainRules::new();
    for domain in ["example.com", "Bücher.example", "co.uk"] {
        rules.add(domain, Action::Deny { tag: 0 }).unwrap();
    }
    with_list(&rules.pack().unwrap(), |store, _| {
        let list = DomainList::new(store, "list");
        for (domain, listed) in [
            ("example.com", true),
            ("a.b.example.com.", true),
            ("EXAMPLE.COM", true),
            ("example-shop.com", false),
            ("notexample.com", false),
            ("example.com.net", false),
            ("com", false),
            ("bücher.EXAMPLE", true),
            ("xn--bcher-kva.example", true),
            ("www.BÜCHER.example", true),
            ("bucher.example", false),
            ("ｅｘａｍｐｌｅ．ｃｏｍ", true),
            ("bbc.co.uk", true),
            ("uk", false),
        ] {
            assert_eq!(list.check(domain).unwrap().is_listed(), listed, "{domain}");
        }
        for no_domain in [
            "",
            ".",
            "a..b",
            "exa mple.com",
            "example.com:80",
            "user@example.com",
        ] {
            let error = list.check(no_domain).unwrap_err();
            assert!(
                error.to_string().starts_with("that is no domain: "),
                "{error}"
            );
        }
    });
}

#[test]
fn long_paths_count_as_far_as_lists_can_say() {
    let long = format!("/{}", "a".repeat(1023));
    let mut rules = PathRules::new();
    rules.add(&long, Action::Deny { tag: 0 }).unwrap();
    assert!(
        rules
            .add(&format!("{long}a"), Action::Deny { tag: 0 })
            .is_err()
    );
    with_list(&rules.pack().unwrap(), |store, _| {
        let list = PathList::new(store, "list");
        let listed = |path: &str| list.check(path).unwrap().is_listed();
        assert!(listed(&long));
        assert!(listed(&format!("{long}/{}", "b/".repeat(5000))));
        assert!(listed(&format!("/{}/{long}", "%2e/../".repeat(5000))));
        assert!(listed(&format!("{long}/{}", "x/../".repeat(5000))));
        assert!(!listed(&format!("{long}a")));
        assert!(!listed(&format!("{long}/{}/../..", "b".repeat(5000))));
    });
}

#[test]
fn a_table_by_domain_and_one_by_path_answer_the_most_specific() {
    let mut rows = TableRules::by_domain();
    rows.add("example.com", "one").unwrap();
    rows.add("shop.example.com", "two").unwrap();
    with_list(&rows.pack().unwrap(), |store, _| {
        let table = LookupTable::by_domain(store, "list");
        let value = |domain| table.get::<String>(domain).unwrap();
        assert_eq!(value("www.example.com").as_deref(), Some("one"));
        assert_eq!(value("a.shop.example.com").as_deref(), Some("two"));
        assert_eq!(value("zzz.example.com").as_deref(), Some("one"));
        assert_eq!(value("example.org"), None);
    });
    let mut rows = TableRules::by_path();
    rows.add("/", "root").unwrap();
    rows.add("/blog/2019", "archive").unwrap();
    with_list(&rows.pack().unwrap(), |store, _| {
        let table = LookupTable::by_path(store, "list");
        let value = |path| table.get::<String>(path).unwrap();
        assert_eq!(value("/").as_deref(), Some("root"));
        assert_eq!(value("/blog/2019/x").as_deref(), Some("archive"));
        assert_eq!(value("/blog/2020").as_deref(), Some("root"));
    });
}
