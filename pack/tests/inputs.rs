//! The lines of the files that people have.

use fastedge_pack::{Action, LineOptions, ListRules, Subject};

/// What is listed of a file, one entry a line, and what is told about its lines.
fn read_with(subject: Subject, options: &LineOptions, file: &str) -> (String, Vec<String>) {
    let mut rules = ListRules::new(subject);
    let mut problems = Vec::new();
    let mut tell = |problem: fastedge_pack::Problem| problems.push(problem.to_string());
    rules
        .read(file.as_bytes(), "f", options, &mut tell)
        .unwrap();
    let mut entries = Vec::new();
    let packed = rules.pack().unwrap();
    packed
        .each_entry(&mut |entry| entries.push(entry.to_string()))
        .unwrap();
    entries.sort();
    (entries.join("\n"), problems)
}

fn read(subject: Subject, file: &str) -> (String, Vec<String>) {
    read_with(subject, &LineOptions::default(), file)
}

fn tagged() -> LineOptions {
    LineOptions {
        tag_column: true,
        ..LineOptions::default()
    }
}

#[test]
fn plain_addresses_networks_and_ranges() {
    let file = "\u{feff}# FireHOL\n; comment\n\n192.0.2.1\r\n192.0.2.128/25 # a network\n198.51.100.7/24\n\
                203.0.113.1-203.0.113.6\n203.0.113.10 - 203.0.113.11 ; blanks\n2001:DB8::/32\n\
                ::ffff:10.0.0.1\n";
    let (listed, problems) = read(Subject::Addresses, file);
    assert_eq!(
        listed,
        "10.0.0.1\n192.0.2.1\n192.0.2.128/25\n198.51.100.0/24\n2001:db8::/32\n203.0.113.1-203.0.113.6\n\
         203.0.113.10/31"
    );
    assert_eq!(problems, [""; 0]);
}

#[test]
fn ipsum_has_the_count_in_its_second_column() {
    let file = "# IPsum\n#\n192.0.2.1\t10\n192.0.2.9\t300\n192.0.2.20\n192.0.2.21\tx\n";
    let (listed, problems) = read_with(Subject::Addresses, &tagged(), file);
    assert_eq!(listed, "192.0.2.1\t10\n192.0.2.9\t255");
    assert_eq!(
        problems,
        [
            "f:5: there is no second column, which would be the tag",
            "f:6: `x` is no tag: a number is expected in the second column",
        ]
    );
    assert_eq!(read(Subject::Addresses, "192.0.2.1\t10\n").0, "192.0.2.1");
}

#[test]
fn spamhaus_drop_and_tor() {
    let file = "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"x\"}\n\
                {\"type\":\"metadata\",\"timestamp\":1,\"records\":1}\n{\"sblid\":1}\n{\n\
                ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E\nPublished 2026-01-01 00:00:00\n\
                LastStatus 2026-01-01 00:00:00\nExitAddress 198.51.100.7 2026-01-01 00:00:00\n";
    let (listed, problems) = read(Subject::Addresses, file);
    assert_eq!(listed, "192.0.2.0/24\n198.51.100.7");
    assert_eq!(
        problems,
        [
            "f:3: it is no line of JSON with a `cidr` or an `ip`",
            "f:4: it is no line of JSON with a `cidr` or an `ip`",
        ]
    );
    let file = "{\"asn\":64496,\"asname\":\"x\"}\n{\"type\":\"metadata\"}\nAS64500 ; name\n64501 EXAMPLE-AS\n\
                AS64510 - AS64511\nas64520, x\nAS64530 AS64531\nx\n";
    let (listed, problems) = read(Subject::Asns, file);
    assert_eq!(
        listed,
        "AS64496\nAS64500\nAS64501\nAS64510\nAS64511\nAS64520"
    );
    assert_eq!(
        problems,
        [
            "f:7: there is more than one word",
            "f:8: `x` is no ASN (AS64496, 64496, or AS64496-AS64511 for up to 2^20 of them)",
        ]
    );
}

#[test]
fn addresses_that_would_be_half_read_are_told() {
    for line in [
        "192.0.2.1,192.0.2.9",
        "192.0.2.0 255.255.255.0",
        "192.0.2.1 192.0.2.2",
        "example.com",
        "192.0.2.9-192.0.2.1",
        "192.0.2.1-2001:db8::1",
        "192.0.2.0/33",
        "192.0.2.1\r192.0.2.2",
        "192.0.2.256",
    ] {
        let (listed, problems) = read(Subject::Addresses, line);
        assert_eq!((listed.as_str(), problems.len()), ("", 1), "{line:?}");
    }
}

#[test]
fn plain_domains_hosts_files_and_ad_blockers() {
    let file = "example.com\n*.example.net # those below\n.example.org\n\
                127.0.0.1 localhost localhost.localdomain\nfe80::1%lo0 localhost\n::1 ip6-localhost\n\
                0.0.0.0 ads.test www.ads.test # two\n0.0.0.0 tracker.test ; three\n0.0.0.0 0.0.0.0\n\
                ! comment\n[Adblock Plus 2.0]\n||blocked.test^\n@@||good.blocked.test^\n## heading\n####\n";
    let (listed, problems) = read(Subject::Domains, file);
    assert_eq!(
        listed,
        "ads.test (alone)\nafter what is below blocked.test on: not listed\n\
         after what is below example.net on: not listed\nafter what is below good.blocked.test on: listed\n\
         example.com\nexample.org\nfrom blocked.test on: listed\nfrom good.blocked.test on: not listed\n\
         from what is below example.net on: listed\ntracker.test (alone)\nwww.ads.test (alone)"
    );
    assert_eq!(problems, [""; 0]);
}

#[test]
fn domains_that_would_never_match_are_told() {
    for line in [
        "1,google.com",
        "\"example.com\"",
        "ads*.example.com",
        "example.com:80",
        "https://example.com/",
        "example.com other",
        "||example.com/path^",
        "||example.com^$third-party",
        "||example.com^$important",
        "|https://example.com|",
        "example.com##.banner",
        "##.banner",
        "###banner",
        "&ad_box=",
        "1.2.3.4",
        "1.2.3.4\t10",
        "0.0.0.0 good.test b/x",
        "a..b",
    ] {
        let (listed, problems) = read(Subject::Domains, line);
        assert_eq!((listed.as_str(), problems.len()), ("", 1), "{line:?}");
    }
}

#[test]
fn paths_tokens_and_countries() {
    let (listed, problems) = read(
        Subject::Paths,
        "# paths\n/admin # internal\n/a//b/\nadmin\n/login?next=x\n/wp-admin/*\n/two words\n",
    );
    assert_eq!(listed, "/a/b\n/admin");
    assert_eq!(problems.len(), 4, "{problems:?}");
    let (listed, problems) = read_with(
        Subject::Tokens,
        &tagged(),
        "tok_1\t5\n# comment\ntok 2\t6\n",
    );
    assert_eq!((listed.lines().count(), problems.len()), (2, 0));
    let (listed, problems) = read(Subject::Countries, "lu Luxembourg\nDE\nRU, BY\nDEU\n");
    assert_eq!((listed.as_str(), problems.len()), ("DE\nLU", 2));
}

#[test]
fn tables() {
    let (listed, problems) = read(
        Subject::TableByPath,
        "# redirects\n/a\t/b c\n{\"key\": \"/d\", \"value\": {\"to\": 1}}\n/e\n{\"key\": \"/f\", \"value\": null}\n",
    );
    assert_eq!(listed, "/a\t/b c\n/d\t{\"to\":1}");
    assert_eq!(
        problems,
        [
            "f:4: there is no value: key and value have '\\t' between them",
            "f:5: it is no line of JSON with a `value`",
        ]
    );
    let options = LineOptions {
        separator: ',',
        ..LineOptions::default()
    };
    let (listed, _) = read_with(
        Subject::TableByAddress,
        &options,
        "10.0.0.0/8,private\n10.1.0.0/16,ours\n",
    );
    assert_eq!(
        listed,
        "10.0.0.0/16\tprivate\n10.1.0.0/16\tours\n10.2.0.0-10.255.255.255\tprivate"
    );
}

#[test]
fn what_is_allowed_and_lines_that_are_no_text() {
    let mut rules = ListRules::new(Subject::Addresses);
    let mut problems = Vec::new();
    let mut tell = |problem: fastedge_pack::Problem| problems.push(problem.to_string());
    let deny = LineOptions::default();
    let allow = LineOptions {
        action: Action::Allow,
        ..LineOptions::default()
    };
    rules
        .read(&b"10.0.0.0/30\n\xff\n"[..], "deny.txt", &deny, &mut tell)
        .unwrap();
    rules
        .read(&b"10.0.0.1"[..], "allow.txt", &allow, &mut tell)
        .unwrap();
    assert_eq!(problems, ["deny.txt:2: it is not UTF-8"]);
    let mut entries = Vec::new();
    let packed = rules.pack().unwrap();
    packed
        .each_entry(&mut |entry| entries.push(entry.to_string()))
        .unwrap();
    assert_eq!(entries, ["10.0.0.0", "10.0.0.2/31"]);
}
