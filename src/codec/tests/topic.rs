//! Topic names, topic filters and matching.

use super::support::*;
use crate::codec::*;

#[track_caller]
fn assert_valid(text: &str) {
    assert_eq!(TopicFilter::new(text).map(TopicFilter::as_str), Ok(text));
    assert_eq!(
        TopicFilter::from_bytes(text.as_bytes()),
        TopicFilter::new(text)
    );
}

#[track_caller]
fn assert_misplaced(text: &str) {
    let error = Some(FieldError::Wildcard);
    assert_eq!(TopicFilter::new(text).err(), error, "{text}");
    assert_eq!(
        TopicFilter::from_bytes(text.as_bytes()).err(),
        error,
        "{text}"
    );
}

#[test]
fn filters_without_wildcards() {
    for text in [
        "a",
        "/",
        "//",
        "a/",
        "/a",
        "a//b",
        "$SYS/a",
        "a b",
        "\u{20ac}/\u{1f600}",
    ] {
        assert_valid(text);
    }
}

#[test]
fn mqtt_4_7_1_2_the_multi_level_wildcard_is_the_whole_last_level() {
    for text in ["#", "/#", "//#", "a/#", "a/b/#", "+/#", "a/+/#", "$SYS/#"] {
        assert_valid(text);
    }
    for text in [
        "a#", "#a", "##", "#/", "#/a", "a/#/b", "a/#/", "a/b#", "a/#b", "/a#", "a/##", "#/#",
        "a/#/#",
    ] {
        assert_misplaced(text);
    }
}

#[test]
fn mqtt_4_7_1_3_the_single_level_wildcard_is_a_whole_level() {
    for text in [
        "+", "/+", "+/", "+/+", "a/+", "+/a", "a/+/b", "+/a/+", "/+/", "+//+", "$SYS/+",
    ] {
        assert_valid(text);
    }
    for text in [
        "a+", "+a", "++", "a/b+", "a/+b", "a+/b", "+a/b", "a/++/b", "+#", "#+", "a/+#", "a/#+",
        "$+",
    ] {
        assert_misplaced(text);
    }
}

#[test]
fn mqtt_4_7_3_1_topic_names_and_filters_have_at_least_one_character() {
    let error = Some(FieldError::Empty);
    assert_eq!(TopicName::new("").err(), error);
    assert_eq!(TopicName::from_bytes(b"").err(), error);
    assert_eq!(TopicFilter::new("").err(), error);
    assert_eq!(TopicFilter::from_bytes(b"").err(), error);
    assert_eq!(topic("/").as_str(), "/");
    assert_eq!(filter("/").as_str(), "/");
}

#[test]
fn mqtt_4_7_3_2_topic_names_and_filters_have_no_null_character() {
    for text in ["\0", "a\0", "a/\0", "\0/#"] {
        let error = Some(FieldError::NullCharacter);
        assert_eq!(TopicName::new(text).err(), error);
        assert_eq!(TopicName::from_bytes(text.as_bytes()).err(), error);
        assert_eq!(TopicFilter::new(text).err(), error);
        assert_eq!(TopicFilter::from_bytes(text.as_bytes()).err(), error);
    }
}

#[test]
fn mqtt_4_7_3_3_topic_names_and_filters_hold_65535_bytes() {
    // 21846 characters, 65536 bytes.
    let text = "\u{20ac}".repeat(21_845) + "x";
    let error = Some(FieldError::TooLong);
    assert_eq!(TopicName::new(&text).err(), error);
    assert_eq!(TopicName::from_bytes(text.as_bytes()).err(), error);
    assert_eq!(TopicFilter::new(&text).err(), error);
    assert_eq!(TopicFilter::from_bytes(text.as_bytes()).err(), error);
    let text = &text[..65_535];
    assert_eq!(topic(text).as_str(), text);
    assert_eq!(filter(text).as_str(), text);
}

#[test]
fn mqtt_4_7_1_1_topic_names_have_no_wildcards() {
    for text in [
        "+",
        "#",
        "a+",
        "+a",
        "a/#",
        "a/+/b",
        "#/",
        "a#b",
        "\u{20ac}#",
    ] {
        let error = Some(FieldError::Wildcard);
        assert_eq!(TopicName::new(text).err(), error);
        assert_eq!(TopicName::from_bytes(text.as_bytes()).err(), error);
    }
}

#[test]
fn mqtt_3_3_2_2_a_publish_cannot_have_a_wildcard_in_its_topic_name() {
    // There is no `Publish` without a `TopicName`.
    assert_eq!(TopicName::new("a/+").err(), Some(FieldError::Wildcard));
    assert_eq!(TopicName::new("a/#").err(), Some(FieldError::Wildcard));
}

#[test]
fn topic_names_may_be_unusual() {
    for text in [
        "/",
        "//",
        "a//b",
        " ",
        "a b",
        "$SYS",
        "$",
        "\u{1}",
        "\u{fffe}",
        "*",
        "\u{10ffff}",
    ] {
        assert_eq!(topic(text).as_str(), text);
        assert_eq!(TopicName::from_bytes(text.as_bytes()), Ok(topic(text)));
    }
}

#[test]
fn filters_of_shared_subscriptions() {
    for text in [
        "$share/g/a",
        "$share/g/#",
        "$share/g/+/a",
        "$share/g//",
        "$share/$/$SYS/#",
        "$share/\u{20ac}/a",
        // These are no shared subscriptions.
        "$share",
        "$shared/+/a",
        "$Share//",
        "a/$share/",
    ] {
        assert_valid(text);
    }
    let error = Some(FieldError::SharedSubscription);
    for text in [
        "$share/",
        "$share/g",
        "$share/g/",
        "$share//",
        "$share//a",
        "$share/+",
        "$share/#",
    ] {
        assert_eq!(TopicFilter::new(text).err(), error, "{text}");
        assert_eq!(
            TopicFilter::from_bytes(text.as_bytes()).err(),
            error,
            "{text}"
        );
    }
    for text in [
        "$share/+/a",
        "$share/#/a",
        "$share/g+/a",
        "$share/g/a#",
        "$share/g/#/a",
    ] {
        assert_misplaced(text);
    }
}

#[test]
fn a_topic_name_may_begin_like_a_shared_subscription() {
    for text in ["$share/", "$share/g", "$share/g/a"] {
        assert_eq!(topic(text).as_str(), text);
    }
}

// ---- matching

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
    // Shared subscriptions.
    ("$share/g/a/b", "a/b"),
    ("$share/g/#", "a/b"),
    ("$share/g/a/#", "a"),
    ("$share/g/+", "a"),
    ("$share/g//a", "/a"),
    ("$share/g/$SYS/#", "$SYS/x"),
    ("$share/g/$share/g/a", "$share/g/a"),
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
    // Shared subscriptions.
    ("$share/g/a/b", "$share/g/a/b"),
    ("$share/g/a/b", "g/a/b"),
    ("$share/g/a", "a/b"),
    ("$share/g/#", "$SYS/x"),
    ("$share/g/+", "$SYS"),
    ("$shared/g/a", "a"),
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
