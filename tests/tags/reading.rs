//! How lists are read and written: Microsoft's two shapes, our own text, and everything else.

use super::set;
use flowcheck::model::Cloud;
use flowcheck::tags::{TagFault, TagSnapshot, import};
use proptest::prelude::*;

// ---- Microsoft's two shapes ----

const DOWNLOAD: &str = r#"{
  "changeNumber": 7,
  "cloud": "Public",
  "values": [
    { "name": "Sql", "id": "Sql", "properties": { "changeNumber": 3, "region": "", "regionId": 0, "platform": "Azure",
      "systemService": "AzureSQL", "addressPrefixes": ["192.0.2.0/25", "192.0.2.128/25", "2001:db8::/32"],
      "networkFeatures": ["NSG", "API"] } },
    { "name": "AzureCloud.francecentral", "id": "x", "properties": { "changeNumber": 3, "region": "centralfrance",
      "addressPrefixes": ["198.51.100.7/32"], "networkFeatures": null } },
    { "name": "Internet", "id": "x", "properties": { "region": "", "addressPrefixes": ["0.0.0.0/0"] } }
  ]
}"#;

const DOWNLOAD_TEXT: &str = "\
# flowcheck service tags 1
# cloud: Public
# change number: 7
# date: 2026-01-05
# One tag a line: name|features|region|prefixes. The facts are Microsoft's published list of service tags; the prefixes are aggregated.
AzureCloud.francecentral|-|centralfrance|198.51.100.7
Sql|API,NSG||192.0.2.0/24 2001:db8::/32
";

const AZ: &str = r#"{ "changeNumber": "7", "cloud": "Public", "id": "/subscriptions/x", "name": "Public", "nextLink": null,
  "type": "Microsoft.Network/serviceTags", "values": [
    { "id": "Sql", "name": "Sql", "serviceTagChangeNumber": "3",
      "properties": { "addressPrefixes": ["192.0.2.1", "192.0.2.9/24"], "changeNumber": "3", "region": "", "state": "GA", "systemService": "AzureSQL" } } ] }"#;

#[test]
fn the_download_becomes_our_text() {
    let text = import(DOWNLOAD.as_bytes(), "ServiceTags_Public_20260105.json", None).unwrap();
    assert_eq!(text, DOWNLOAD_TEXT);
    let given = import(DOWNLOAD.as_bytes(), "ServiceTags_Public_20260105.json", Some("2026-02-01")).unwrap();
    assert!(given.contains("\n# date: 2026-02-01\n"), "a date that is given wins over the file name");
    assert!(!import(DOWNLOAD.as_bytes(), "tags.json", None).unwrap().contains("# date"));
    // Our own text goes through the same door, with another date or as it is.
    assert_eq!(import(text.as_bytes(), "x_20200101.tags", None).unwrap(), text);
    assert_eq!(import(text.as_bytes(), "x", Some("20260201")).unwrap(), given);
}

#[test]
fn the_output_of_az_has_strings_and_no_features() {
    let list = TagSnapshot::read(AZ.as_bytes(), "az.json", None).unwrap();
    assert_eq!((list.change_number(), list.cloud(), list.date()), (7, Cloud::Public, None));
    let sql = list.lookup("SQL").unwrap();
    assert_eq!(sql.features.nsg(), None);
    assert_eq!(sql.addresses, set("192.0.2.0/24"));
    assert_eq!(TagSnapshot::parse(list.to_text(), "x").unwrap(), list);
}

#[test]
fn byte_order_marks_and_line_ends_do_not_matter() {
    let plain = import(DOWNLOAD.as_bytes(), "x", None).unwrap();
    let utf16 = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff).chain(DOWNLOAD.encode_utf16()).flat_map(to).collect()
    };
    for bytes in [
        DOWNLOAD.replace('\n', "\r\n").into_bytes(),
        format!("\u{feff}{DOWNLOAD}").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        plain.replace('\n', "\r\n").into_bytes(),
        format!("\u{feff}{plain}").into_bytes(),
    ] {
        assert_eq!(import(&bytes, "x", None).unwrap(), plain);
    }
    for broken in [&b"\xff\xfe\x7b"[..], b"\xff\xfe\x00\xd8", b"{\"cloud\": \"\xe4\"}"] {
        assert_eq!(import(broken, "x", None).unwrap_err().fault, TagFault::Encoding);
    }
}

#[test]
fn other_files_are_refused_in_words_about_the_file() {
    let not = |what: &str| {
        format!(
            "f: this looks like {what}, not like a service tag list: expected Microsoft's JSON (an object with \
             `changeNumber`, `cloud` and `values`) or a text whose first line is `# flowcheck service tags 1`"
        )
    };
    for (text, expected) in [
        (r#"{"$schema": "x", "contentVersion": "1.0.0.0", "resources": []}"#, not("an ARM template")),
        (r#"{"format_version": "1.2", "terraform_version": "1", "planned_values": {}}"#, not("a Terraform plan")),
        (r#"{"value": []}"#, not("an answer of Azure's API that is no service tag list")),
        (r#"{"syncToken": "1", "prefixes": []}"#, not("a list of addresses of another cloud")),
        (r#"{"a": 1, "b": null}"#, not("a JSON object with `a`, `b`")),
        ("{}", not("an empty JSON object")),
        ("[1]", not("a JSON list")),
        ("\"text\"", not("some other text")),
        ("7", not("some other text")),
        ("", not("an empty file")),
        ("10.0.0.0/8\n", not("some other text")),
        (r#"{"values": 7, "cloud": "Public"}"#, not("a JSON object with `values`, `cloud`")),
        (r#"{"changeNumber": 1, "cloud": "Public", "values": 7}"#,
         "f:1:50: this service tag list cannot be read: invalid type: integer `7`, expected a sequence".to_owned()),
        (r#"{"changeNumber": 1, "values": []}"#, "f: the service tag list does not say its cloud".to_owned()),
        (r#"{"changeNumber": "new", "cloud": "Public", "values": []}"#,
         "f: `new` is no change number: expected as in `376`".to_owned()),
        (r#"{"changeNumber": 1, "cloud": "Moon", "values": []}"#,
         "f: `Moon` is no cloud: one of Public, AzureGovernment, AzureChina".to_owned()),
        ("{\"changeNumber\": 1, \"cloud\": \"Public\",\n\"values\": [{\"name\": \"A\", \"properties\": {\"addressPrefixes\": [\"10.0.0.300/24\"]}}]}",
         "f:2:76: this service tag list cannot be read: `10.0.0.300/24` is no address prefix: expected as in \
          `13.69.64.76/31` or `2603:1020::/32`".to_owned()),
        ("{\"changeNumber\": 1,\n\"cloud\" \"Public\"}",
         "f:2:9: this service tag list cannot be read: expected `:`".to_owned()),
        (r#"{"changeNumber": 1, "cloud": "Public", "values": [{"name": "A|B", "properties": {"addressPrefixes": []}}]}"#,
         "f: `A|B` is no tag name: expected letters, digits, dots, hyphens and underscores".to_owned()),
        (r#"{"changeNumber": 1, "cloud": "Public", "values": [{"name": "A", "properties": {"addressPrefixes": []}}, {"name": "a", "properties": {"addressPrefixes": []}}]}"#,
         "f: the tag `a` stands twice in the list".to_owned()),
    ] {
        let error = TagSnapshot::read(text.as_bytes(), "f", None).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }
    let error = TagSnapshot::read(DOWNLOAD.as_bytes(), "f", Some("10.11.2025")).unwrap_err();
    assert_eq!(error.to_string(), "`10.11.2025` is no date: expected as in `2025-11-10`");
}

#[test]
fn a_download_that_broke_off_is_never_taken_for_a_whole_one() {
    for end in 1..DOWNLOAD.len() {
        let error = TagSnapshot::read(&DOWNLOAD.as_bytes()[..end], "f", None).unwrap_err();
        assert_eq!(error.fault, TagFault::Truncated, "after {end} bytes");
    }
    let error = TagSnapshot::read(&DOWNLOAD.as_bytes()[..40], "f", None).unwrap_err();
    assert_eq!(error.to_string(), "f:3:17: the JSON ends too early: the file is not complete");
}

// ---- our own text ----

#[test]
fn a_wrong_line_of_our_text_is_named_by_its_number() {
    let head = "# flowcheck service tags 1\n# cloud: Public\n# change number: 7\n";
    for (text, expected) in [
        (
            format!("{head}Sql|-||10.0.0.0/8\n\nStorage|-||10.0.0.0/33\n"),
            "f:6: `10.0.0.0/33` is no address prefix: expected as in `13.69.64.76/31` or `2603:1020::/32`",
        ),
        (
            format!("{head}Sql|-|10.0.0.0/8\n"),
            "f:4: a line of 3 columns: expected `name|features|region|prefixes`",
        ),
        (format!("{head}Sql\n"), "f:4: a line of 1 column: expected `name|features|region|prefixes`"),
        (
            format!("{head}Sq l|-||\n"),
            "f:4: `Sq l` is no tag name: expected letters, digits, dots, hyphens and underscores",
        ),
        (
            format!("{head}|-||\n"),
            "f:4: `` is no tag name: expected letters, digits, dots, hyphens and underscores",
        ),
        (format!("{head}Sql|||\n"), "f:4: `` is no list of features"),
        (format!("{head}Sql|-|west europe|\n"), "f:4: `west europe` is no region"),
        (format!("{head}Sql|-||\nA|-||\nSQL|-||\n"), "f:6: the tag `SQL` stands twice in the list"),
        (
            format!("{head}internet|-||\n"),
            "f:4: the tag `internet` is computed for each subnet, so no list can define it",
        ),
        (
            "# flowcheck service tags 2\n".to_owned(),
            "f:1: version `2` of the text form is not known here: expected `1`",
        ),
        (
            "# flowcheck service tags 1\n# cloud: Public\n".to_owned(),
            "f: the service tag list does not say its change number",
        ),
        (
            "# flowcheck service tags 1\n# change number: 7\nSql|-||\n# cloud: Public\n".to_owned(),
            "f: the service tag list does not say its cloud",
        ),
        (
            "# flowcheck service tags 1\n# cloud: Mars\n".to_owned(),
            "f:2: `Mars` is no cloud: one of Public, AzureGovernment, AzureChina",
        ),
        (format!("{head}# date: 2025-02-29\n"), "f:4: `2025-02-29` is no date: expected as in `2025-11-10`"),
        (
            "# flowcheck service tags 1\n# cloud: Public\n# change number: -1\n".to_owned(),
            "f:3: `-1` is no change number: expected as in `376`",
        ),
    ] {
        let error = TagSnapshot::read(text.as_bytes(), "f", None).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

#[test]
fn a_list_without_bounds_is_refused() {
    let head = "# flowcheck service tags 1\n# cloud: Public\n# change number: 7\n";
    let lines = |count: usize| (0..count).map(|at| format!("t{at}|-||\n")).collect::<String>();
    assert!(TagSnapshot::parse(&format!("{head}{}", lines(100_000)), "f").is_ok());
    let error = TagSnapshot::parse(&format!("{head}{}", lines(100_001)), "f").unwrap_err();
    assert_eq!(error.to_string(), "f:100004: the list has more than 100000 tags, the most that are read");
    let values = vec![r#"{"name":"A","properties":{"addressPrefixes":[]}}"#; 100_001].join(",");
    let json = format!(r#"{{"changeNumber":1,"cloud":"Public","values":[{values}]}}"#);
    let error = TagSnapshot::read(json.as_bytes(), "f", None).unwrap_err();
    assert_eq!(error.fault, TagFault::TooMany);
}

#[test]
fn a_list_may_be_written_by_hand_in_any_order() {
    let text = "# flowcheck service tags 1\n# ours, for the tests: two tags\n# cloud: government\n# change number: 1\n\n\
        Storage | NSG | | 10.1.0.0/17   10.1.128.0/17\n# more\nCorpNetSaw|?||2001:db8::1 10.0.0.1/32";
    let list = TagSnapshot::parse(text, "f").unwrap();
    assert_eq!(list.names().collect::<Vec<_>>(), ["CorpNetSaw", "Storage"]);
    assert_eq!(list.cloud(), Cloud::Government);
    assert_eq!(list.lookup("storage").unwrap().addresses, set("10.1.0.0/16"));
    assert!(list.to_text().ends_with("CorpNetSaw|?||10.0.0.1 2001:db8::1\nStorage|NSG||10.1.0.0/16\n"));
    let empty =
        TagSnapshot::parse("# flowcheck service tags 1\n# cloud: Public\n# change number: 0", "f").unwrap();
    assert!(empty.lookup("Storage").is_none() && empty.names().next().is_none());
    assert_eq!(empty.suggest("Storage"), Vec::<String>::new());
}

/// A list as a person could write it: any order, any case, host bits, prefixes twice.
pub(crate) fn any_list() -> impl Strategy<Value = Vec<(String, String, String, Vec<String>)>> {
    let v4 = (any::<u32>(), 0u8..=32)
        .prop_map(|(bits, len)| format!("{}/{len}", std::net::Ipv4Addr::from_bits(bits)));
    let v6 = (any::<u128>(), 0u8..=128)
        .prop_map(|(bits, len)| format!("{}/{len}", std::net::Ipv6Addr::from_bits(bits)));
    let bare = any::<u32>().prop_map(|bits| std::net::Ipv4Addr::from_bits(bits).to_string());
    let name = "[A-Ca-c]{1,3}(\\.(WestEurope|core|centralfrance|a))?";
    let features =
        prop_oneof![Just("-"), Just("?"), Just("NSG"), Just("UDR,API,NSG")].prop_map(str::to_owned);
    let region = prop_oneof![Just(""), Just("westeurope"), Just("centralfrance")].prop_map(str::to_owned);
    let prefixes = proptest::collection::vec(prop_oneof![v4, v6, bare], 0..6);
    proptest::collection::vec((name, features, region, prefixes), 0..12).prop_map(|mut lines| {
        let mut seen = std::collections::BTreeSet::new();
        lines.retain(|(name, ..)| seen.insert(name.to_lowercase()));
        lines
    })
}

pub(crate) fn written(lines: &[(String, String, String, Vec<String>)], end: &str) -> String {
    let mut text = format!("# flowcheck service tags 1{end}# cloud: China{end}# change number: 3{end}");
    for (name, features, region, prefixes) in lines {
        text += &format!("{name}|{features}|{region}|{}{end}", prefixes.join(" "));
    }
    text
}

proptest! {
    #[test]
    fn what_was_written_is_read_and_written_again(lines in any_list(), crlf in any::<bool>()) {
        let list = TagSnapshot::read(written(&lines, if crlf { "\r\n" } else { "\n" }).as_bytes(), "f", None).unwrap();
        prop_assert_eq!(list.names().count(), lines.len());
        for (name, features, region, prefixes) in &lines {
            let tag = list.lookup(&name.to_uppercase()).unwrap();
            prop_assert_eq!(&tag.name, name);
            prop_assert_eq!(tag.features.nsg(), if features == "?" { None } else { Some(features.contains("NSG")) });
            prop_assert_eq!(tag.region.is_some(), !region.is_empty());
            prop_assert_eq!(&tag.addresses, &set(&prefixes.join(" ")));
            // A regional form is found from its base, and only from it.
            if let Some(base) = &tag.base {
                prop_assert!(list.regions_of(&base.to_lowercase()).iter().any(|form| form.name == tag.name));
            }
        }
        let again = TagSnapshot::read(list.to_text().as_bytes(), "f", None).unwrap();
        prop_assert_eq!(again.to_text(), list.to_text());
        let mut reversed = lines.clone();
        reversed.reverse();
        prop_assert_eq!(TagSnapshot::parse(&written(&reversed, "\n"), "f").unwrap(), list);
    }

    #[test]
    fn any_text_is_a_list_or_an_error(text in "(# flowcheck service tags 1\n# cloud: Public\n# change number: 1\n)?([A-Za-z.|/:0-9# ,\u{e4}\n]{0,60})") {
        if let Ok(list) = TagSnapshot::read(text.as_bytes(), "f", None) {
            for name in list.names() {
                prop_assert!(list.lookup(name).is_some());
            }
            list.which(&set("0.0.0.0/0"));
        }
    }
}
