use super::support::*;
use crate::codec::topic_matches;

const MATCH: &[(&str, &str)] = &[
    // Section 4.7.1.2.
    ("sport/tennis/player1/#", "sport/tennis/player1"),
    ("sport/tennis/player1/#", "sport/tennis/player1/ranking"),
    (
        "sport/tennis/player1/#",
        "sport/tennis/player1/score/wimbledon",
    ),
    ("sport/#", "sport"),
    ("#", "sport"),
    ("#", "sport/tennis"),
    // Section 4.7.1.3.
    ("sport/tennis/+", "sport/tennis/player1"),
    ("sport/tennis/+", "sport/tennis/player2"),
    ("sport/+", "sport/"),
    ("+/+", "/finance"),
    ("/+", "/finance"),
    ("+", "sport"),
    ("+/tennis/#", "sport/tennis"),
    ("+/tennis/#", "sport/tennis/a/b"),
    ("sport/+/player1", "sport/tennis/player1"),
    // Section 4.7.2.
    ("$SYS/#", "$SYS"),
    ("$SYS/#", "$SYS/"),
    ("$SYS/#", "$SYS/monitor/Clients"),
    ("$SYS/monitor/+", "$SYS/monitor/Clients"),
    ("$SYS/+", "$SYS/x"),
    ("$SYS", "$SYS"),
    ("#", "a/$SYS"),
    ("+/$SYS", "a/$SYS"),
    ("/#", "/$SYS"),
    ("/+", "/$SYS"),
    ("$/#", "$/a"),
    // Section 4.7.3.
    ("ACCOUNTS", "ACCOUNTS"),
    ("Accounts payable", "Accounts payable"),
    ("/finance", "/finance"),
    // Empty levels are levels.
    ("/", "/"),
    ("//", "//"),
    ("+/", "/"),
    ("/+", "/"),
    ("+/+", "/"),
    ("+//+", "//"),
    ("+/+/+", "//"),
    ("#", "/"),
    ("#", "//"),
    ("/#", "/"),
    ("/#", "//"),
    ("+/#", "/"),
    ("+/", "a/"),
    ("a/+/b", "a//b"),
    ("a//#", "a/"),
    ("a/+/#", "a/"),
    // Several wildcards.
    ("+/#", "a"),
    ("+/+/#", "a/b"),
    ("+/b/+/d", "a/b/c/d"),
    ("a/+/+/#", "a/b/c/d/e"),
    // Other characters.
    ("\u{20ac}/+", "\u{20ac}/\u{1f600}"),
    ("+/\u{1f600}", "\u{e9}/\u{1f600}"),
    ("\u{feff}", "\u{feff}"),
    (" ", " "),
    ("*/?", "*/?"),
];

const NO_MATCH: &[(&str, &str)] = &[
    // Section 4.7.1.
    ("sport/tennis/+", "sport/tennis/player1/ranking"),
    ("sport/+", "sport"),
    ("+", "/finance"),
    ("a/+", "a"),
    ("a/#", "ab"),
    ("a/#", "b"),
    ("a/b/#", "a"),
    ("a/b/#", "a/bc"),
    ("a/+/#", "a"),
    ("+/+", "a"),
    ("+/+", "a/b/c"),
    ("a/+/c", "a/b/d"),
    ("a/+/c", "a/b/b/c"),
    // Section 4.7.2.
    ("#", "$SYS"),
    ("#", "$SYS/monitor"),
    ("#", "$"),
    ("+", "$SYS"),
    ("+/x", "$SYS/x"),
    ("+/monitor/Clients", "$SYS/monitor/Clients"),
    ("+/#", "$SYS/x"),
    ("$SYS/+", "$SYS"),
    ("$SYS/#", "$SYSTEM"),
    ("$SYS/#", "SYS/x"),
    // Section 4.7.3.
    ("ACCOUNTS", "Accounts"),
    ("finance", "/finance"),
    ("/finance", "finance"),
    ("a/b", "a/b/"),
    ("a/b/", "a/b"),
    // Empty levels are levels.
    ("/", "//"),
    ("//", "/"),
    ("+", "/"),
    ("/+", "a"),
    ("+/", "a"),
    ("/+", "//"),
    ("+/", "//"),
    ("a/b", "a//b"),
    ("a//b", "a/b"),
    ("/#", "a"),
    ("/#", "a/b"),
    ("//#", "/a"),
    // Other characters: no normalisation.
    ("\u{e9}", "e\u{301}"),
    ("a", "\u{feff}a"),
    ("*", "a"),
    ("a", "a "),
    ("ab", "a"),
    ("a", "ab"),
];

#[test]
fn topics_that_match() {
    for &(text, name) in MATCH {
        assert!(topic_matches(text, name), "{text} {name}");
        assert!(filter(text).matches(topic(name)), "{text} {name}");
    }
}

#[test]
fn topics_that_do_not_match() {
    for &(text, name) in NO_MATCH {
        assert!(!topic_matches(text, name), "{text} {name}");
        assert!(!filter(text).matches(topic(name)), "{text} {name}");
    }
}

#[test]
fn mqtt_4_7_2_1_a_leading_wildcard_does_not_match_a_leading_dollar() {
    for text in ["#", "+", "+/#", "+/+", "+/a", "+/a/#"] {
        for name in ["$", "$SYS", "$SYS/a", "$/a", "$SYS/a/b"] {
            assert!(!topic_matches(text, name), "{text} {name}");
        }
    }
}

#[test]
fn very_long_topics() {
    let deep = "/".repeat(65_535);
    assert!(topic_matches("#", &deep));
    assert!(topic_matches("+/#", &deep));
    assert!(topic_matches(&deep, &deep));
    assert!(!topic_matches(&deep, &deep[1..]));
    assert!(!topic_matches(&deep[1..], &deep));

    let wide = "x".repeat(65_535);
    assert!(topic_matches("+", &wide));
    assert!(!topic_matches("+/+", &wide));
    assert!(!topic_matches(&wide, &wide[1..]));

    let wildcards = "+/".repeat(30_000) + "#";
    assert!(topic_matches(&wildcards, &"/".repeat(30_000)));
    assert!(topic_matches(&wildcards, &"/".repeat(29_999)));
    assert!(!topic_matches(&wildcards, &"/".repeat(29_998)));
}

#[test]
fn filters_with_misplaced_wildcards_match_nothing() {
    for text in [
        "a/#/b", "#/b", "#/", "a#", "a+", "+a", "a/b#", "a/+b", "##", "++",
    ] {
        for name in ["a", "a/b", "a/x/b", "ab", "a/ab", "/b", "a/"] {
            assert!(!topic_matches(text, name), "{text} {name}");
        }
    }
}
