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
