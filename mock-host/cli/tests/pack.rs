//! `fastedge-mock pack`: from files to what a served app reads.
#![cfg(unix)]

mod common;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::server::{Server, command, folder_with};

fn outcome(mut command: Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn pack(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = command(folder);
    command.arg("pack").args(arguments);
    outcome(command)
}

#[test]
fn files_and_folders_are_packed_and_what_cannot_be_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("lists")).unwrap();
    write("lists/b.txt", "192.0.2.0/24\nexample.com\n");
    write("lists/a.txt", "198.51.100.7\n");
    write("lists/.hidden", "203.0.113.1\n");
    write("office.txt", "192.0.2.7\n");
    let run = |arguments: &[&str]| pack(folder.path(), arguments);

    let arguments = [
        "addresses",
        "lists",
        "--allow",
        "office.txt",
        "-o",
        "lists/all.packed",
    ];
    let (status, stdout, stderr) = run(&arguments);
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(
        stderr,
        "lists/b.txt:2: `example.com` is no address, network (192.0.2.0/24) or range (192.0.2.1-192.0.2.9)\n"
    );
    assert!(
        stdout.starts_with("lists/all.packed: 3 entries of 3 rules in ")
            && stdout.ends_with("bytes, one value\n1 of 4 lines cannot be used\n"),
        "{stdout}"
    );
    // Once more: what it has written itself is no list.
    assert_eq!(run(&arguments).1, stdout);

    let (status, stdout, _) = run(&["inspect", "lists/all.packed", "--entries"]);
    assert_eq!(status, Some(0));
    let entries = "192.0.2.0-192.0.2.6\n192.0.2.8-192.0.2.255\n";
    assert!(
        stdout.contains("a list of addresses, without tags: one value"),
        "{stdout}"
    );
    assert!(
        stdout.contains("198.51.100.7\n") && stdout.ends_with(entries),
        "{stdout}"
    );

    let (status, _, stderr) = run(&["addresses", "lists", "--strict", "-o", "x.packed"]);
    assert_eq!(status, Some(1));
    assert!(
        stderr.contains("nothing is packed: 1 lines cannot be used"),
        "{stderr}"
    );
    let (status, _, stderr) = run(&["addresses", "office.txt", "lost.txt", "-o", "x.packed"]);
    assert_eq!(
        (status, stderr.as_str()),
        (
            Some(1),
            "fastedge-mock: lost.txt: No such file or directory (os error 2)\n"
        )
    );
    let (status, _, stderr) = run(&["domains", "office.txt", "-o", "x.packed"]);
    assert_eq!(status, Some(1));
    assert!(
        stderr.ends_with("there is nothing to pack: no line lists anything\n"),
        "{stderr}"
    );
    assert!(!folder.path().join("x.packed").exists());

    write("office.txt", "192.0.2.8\n");
    run(&[
        "addresses",
        "lists",
        "--allow",
        "office.txt",
        "-o",
        "new.packed",
    ]);
    let (_, stdout, _) = run(&["diff", "lists/all.packed", "new.packed"]);
    assert_eq!(
        stdout,
        "2 entries are new, 2 are gone; 1 shards with 34 bytes are to be written, 0 stay\n\
         + 192.0.2.0/29\n+ 192.0.2.9-192.0.2.255\n- 192.0.2.0-192.0.2.6\n- 192.0.2.8-192.0.2.255\n"
    );
    let (status, _, stderr) = run(&["inspect", "office.txt"]);
    assert_eq!(status, Some(1));
    assert_eq!(
        stderr,
        "fastedge-mock: office.txt: it does not begin with FEPL\n"
    );
}

#[test]
fn a_list_is_published_to_a_server_and_taken_back() {
    // An API that returns long values in full, so that a list can be downloaded.
    let toml = "[stores.lists]\n[edge]\npreset = \"prompt\"\n[api]\nlarge_values = \"clear\"\n";
    let folder = folder_with("blocklist", toml);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let url = server.api_url();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    let run = |arguments: &[&str]| {
        let (status, stdout, stderr) = pack(folder.path(), arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {stderr}");
        stdout
    };
    let status = |address: &str| {
        let answer = server.get("/", &format!("x-real-ip: {address}\r\n"));
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    let many = (0..40_000_u32).map(|number| {
        let address = std::net::Ipv4Addr::from_bits(number.wrapping_mul(2_654_435_761));
        format!("{address}\t5\n")
    });
    let many: String = many.collect();
    write("first.txt", many.clone());
    write("second.txt", many + "192.0.2.77\t9\n");
    for name in ["first", "second"] {
        run(&[
            "addresses",
            &format!("{name}.txt"),
            "--tag-column",
            "-o",
            &format!("{name}.packed"),
        ]);
    }
    let publish = ["lists", "threats", "--url", &url, "--pause", "0"];
    let with = |first: &[&str]| run(&[first, &publish].concat());

    // Before there is a list, everybody is let in.
    assert_eq!(status("192.0.2.77"), "200");
    let stdout = with(&["publish", "first.packed"]);
    assert!(
        stdout.starts_with("threats is at generation 1: a manifest and "),
        "{stdout}"
    );
    assert_eq!(status("0.0.0.0"), "403");
    assert_eq!(status("192.0.2.77"), "200");
    assert_eq!(
        with(&["publish", "first.packed"]),
        "threats stays at generation 1: it is the same list\n"
    );
    let stdout = with(&["publish", "second.packed"]);
    assert!(
        stdout.ends_with("of which 1 are new\n") || stdout.ends_with("of which 2 are new\n"),
        "{stdout}"
    );
    assert_eq!(status("192.0.2.77"), "403");
    let stdout = with(&["rollback"]);
    assert_eq!(
        stdout,
        "threats is at generation 3, which is generation 1 once more\n"
    );
    assert_eq!(status("192.0.2.77"), "200");
    let (code, _, stderr) = pack(folder.path(), &[&["rollback"][..], &publish].concat());
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("generation 3 is a former one already"),
        "{stderr}"
    );
    let (code, _, stderr) = pack(folder.path(), &[&["clean"][..], &publish].concat());
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("fastedge-mock: nothing is deleted yet: readers may still need former generations; try again in "),
        "{stderr}"
    );

    run(&[
        "download",
        "lists",
        "threats",
        "--url",
        &url,
        "--generation",
        "2",
        "-o",
        "back.packed",
    ]);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("back.packed"), read("second.packed"));
    let (code, _, stderr) = pack(
        folder.path(),
        &["download", "lists", "threat", "--url", &url, "-o", "x"],
    );
    assert_eq!(
        (code, stderr.as_str()),
        (Some(1), "fastedge-mock: the store has no key `threat`\n")
    );
    // What another kind of reader would find there.
    write("domains.txt", "example.com\n".into());
    run(&["domains", "domains.txt", "-o", "domains.packed"]);
    let (code, _, stderr) = pack(
        folder.path(),
        &[&["publish", "domains.packed"][..], &publish].concat(),
    );
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("is a list of addresses, and this is a list of domains"),
        "{stderr}"
    );
}

#[test]
fn a_list_that_is_declared_is_there_when_the_app_is_served() {
    let toml = "[stores.lists.packed]\nthreats = { addresses = \"threats.txt\", tag = 9, allow = \"office.txt\" }\n";
    let folder = folder_with("blocklist", toml);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("threats.txt", "192.0.2.0/24\n");
    write("office.txt", "192.0.2.1\n");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let status = |server: &Server, address: &str| {
        let answer = server.get("/", &format!("x-real-ip: {address}\r\n"));
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(status(&server, "192.0.2.7"), "403");
    assert_eq!(status(&server, "192.0.2.1"), "200");
    // A change of a file is seen.
    write("office.txt", "192.0.2.7\n");
    server.wait_for("the changed list", |server| {
        status(server, "192.0.2.1") == "403"
    });
    assert_eq!(status(&server, "192.0.2.7"), "200");
}

#[test]
fn a_declaration_that_is_wrong_says_where() {
    for (declaration, file, wanted) in [
        ("{ adresses = \"f\" }", "", "did you mean `addresses`"),
        (
            "{ addresses = \"lost\" }",
            "",
            "lost: No such file or directory",
        ),
        ("{ addresses = \"f\" }", "x\n", "f:1: `x` is no address"),
        (
            "{ addresses = \"f\" }",
            "x\n",
            "`strict = false` packs the other lines",
        ),
        (
            "{ addresses = \"f\", strict = false }",
            "x\n",
            "nothing is listed in it",
        ),
        ("{ table = \"f\", tag = 3 }", "a\tb\n", "this is for lists"),
        (
            "{ addresses = \"f\", by = \"text\" }",
            "10.0.0.1\n",
            "this is for tables",
        ),
        (
            "{ table = \"f\", by = \"name\" }",
            "a\tb\n",
            "one of `text`, `address`, `domain` and `path`",
        ),
        (
            "{ table = \"f\" }",
            "a\tb\na\tc\n",
            "has two values: `b` and `c`",
        ),
        ("{}", "", "the files of which the list is made"),
    ] {
        let toml = format!("[stores.lists.packed]\nlist = {declaration}\n");
        let folder = folder_with("hello", &toml);
        std::fs::write(folder.path().join("f"), file).unwrap();
        let says = common::server::refused(folder.path(), &["serve", "app.wasm", "--port", "0"]);
        assert!(says.contains(wanted), "{declaration}: {says}");
        assert!(says.contains("fastedge.toml:2"), "{declaration}: {says}");
    }
}
