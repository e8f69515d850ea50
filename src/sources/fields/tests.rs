//! Fields of rules: what is written, the rule in one line, and the codes of the findings.

use super::{List, rule};
use crate::rules::Rule;
use crate::sources::json::read;
use crate::sources::values::Faults;

/// Reads a rule of plain values, with some fields replaced or added.
fn read_rule(fields: &str) -> (Rule, Vec<String>) {
    let base = [
        ("protocol", "\"Tcp\""),
        ("access", "\"Allow\""),
        ("direction", "\"Inbound\""),
        ("priority", "100"),
        ("sourcePortRange", "\"*\""),
        ("destinationPortRange", "\"443\""),
        ("sourceAddressPrefix", "\"*\""),
        ("destinationAddressPrefix", "\"*\""),
    ];
    let named = |key: &str| fields.to_lowercase().contains(&format!("\"{}\":", key.to_lowercase()));
    let kept: Vec<String> = base
        .iter()
        .filter(|(key, _)| !named(key))
        .map(|(key, value)| format!("\"{key}\": {value}"))
        .chain((!fields.is_empty()).then(|| fields.to_owned()))
        .collect();
    let text = format!("{{\"name\": \"r\", \"properties\": {{{}}}}}", kept.join(", "));
    let document = read(&"t.json".into(), &text).unwrap();
    let mut faults = Faults::default();
    let rule = rule(&document.root, None, List::Custom, &mut faults);
    (rule, faults.findings.iter().map(|finding| finding.code.to_string()).collect())
}

fn check(fields: &str, printed: &str, codes: &str) {
    let (rule, found) = read_rule(fields);
    assert_eq!(rule.to_string(), printed, "{fields}");
    assert_eq!(found.join(" "), codes, "{fields}");
}

#[test]
fn words_are_read_without_regard_to_case_and_no_other_word_is() {
    check("", "100 In Allow Tcp *:* -> *:443", "");
    check("\"protocol\": \"TCP\"", "100 In Allow Tcp *:* -> *:443", "letter-case");
    check("\"protocol\": \"*\"", "100 In Allow * *:* -> *:443", "");
    check("\"protocol\": \"esp\"", "100 In Allow Esp *:* -> *:443", "letter-case");
    check("\"protocol\": \"Any\"", "100 In Allow ? *:* -> *:443", "word-value");
    check("\"protocol\": \"6\"", "100 In Allow ? *:* -> *:443", "word-value");
    check("\"protocol\": 6", "100 In Allow ? *:* -> *:443", "wrong-type");
    check("\"direction\": \"outbound\"", "100 Out Allow Tcp *:* -> *:443", "letter-case");
    check("\"direction\": \"In\"", "100 ? Allow Tcp *:* -> *:443", "word-value");
    check("\"access\": \"DENY\"", "100 In Deny Tcp *:* -> *:443", "letter-case");
    check("\"access\": \"Permit\"", "100 In ? Tcp *:* -> *:443", "word-value");
    check("\"access\": null", "100 In ? Tcp *:* -> *:443", "incomplete-rule");
    check("\"ACCESS\": \"Deny\"", "100 In Deny Tcp *:* -> *:443", ""); // a stray capital in a key
}

#[test]
fn a_priority_is_a_number_or_digits_and_never_clamped() {
    check("\"priority\": \"110\"", "110 In Allow Tcp *:* -> *:443", "");
    check("\"priority\": 99", "99 In Allow Tcp *:* -> *:443", ""); // priority-range is told from the model
    check("\"priority\": 65000", "65000 In Allow Tcp *:* -> *:443", "");
    check("\"priority\": \"high\"", "? In Allow Tcp *:* -> *:443", "wrong-type");
    check("\"priority\": 1.5", "? In Allow Tcp *:* -> *:443", "wrong-type");
    check("\"priority\": [100]", "? In Allow Tcp *:* -> *:443", "wrong-type");
    check("\"priority\": \"\"", "? In Allow Tcp *:* -> *:443", "incomplete-rule");
    assert!(!read_rule("\"priority\": 65000").0.is_default()); // no file can smuggle a default in
}

#[test]
fn ports_are_texts_or_numbers_in_either_field() {
    let ports = "\"destinationPortRange\": \"\", \"destinationPortRanges\"";
    check(
        &format!("{ports}: [\"80\", 443, \"1000-2000\"]"),
        "100 In Allow Tcp *:* -> *:80,443,1000-2000",
        "",
    );
    check("\"destinationPortRange\": 443", "100 In Allow Tcp *:* -> *:443", "");
    check("\"destinationPortRange\": \"65503-65534 \"", "100 In Allow Tcp *:* -> *:65503-65534", "");
    check("\"destinationPortRange\": \"80,443\"", "100 In Allow Tcp *:* -> *:?", "comma-port");
    check("\"destinationPortRange\": \"443-80\"", "100 In Allow Tcp *:* -> *:none", "reversed-range");
    check("\"destinationPortRange\": \"https\"", "100 In Allow Tcp *:* -> *:?", "port-text");
    check("\"destinationPortRange\": 70000", "100 In Allow Tcp *:* -> *:?", "port-text");
    check("\"destinationPortRange\": -1", "100 In Allow Tcp *:* -> *:?", "port-text");
    check("\"destinationPortRange\": true", "100 In Allow Tcp *:* -> *:?", "wrong-type");
    check("\"destinationPortRange\": [\"443\"]", "100 In Allow Tcp *:* -> *:?", "wrong-type");
    check(&format!("{ports}: \"443\""), "100 In Allow Tcp *:* -> *:?", "wrong-type");
    check(&format!("{ports}: []"), "100 In Allow Tcp *:* -> *:?", "incomplete-rule"); // S37
    check("\"destinationPortRanges\": [\"80\"]", "100 In Allow Tcp *:* -> *:443,80", ""); // both set (U8)
    let (rule, _) = read_rule("\"destinationPortRanges\": [\"80\"]");
    let plural: Vec<bool> = rule.destination.ports.iter().map(|written| written.plural).collect();
    assert_eq!(plural, [false, true]);
}

#[test]
fn powershell_writes_lists_under_singular_names() {
    let flat = |ports: &str, source: &str| {
        let text = format!(
            r#"{{"Name": "r", "Protocol": "Tcp", "Access": "Allow", "Direction": "Inbound", "Priority": 100,
            "SourcePortRange": ["*"], "{ports}": ["80", "443"], "SourceAddressPrefix": {source},
            "DestinationAddressPrefix": ["*"], "SourceApplicationSecurityGroups": []}}"#
        );
        let mut faults = Faults::default();
        let read = rule(&read(&"t.json".into(), &text).unwrap().root, None, List::Custom, &mut faults);
        let codes: Vec<&str> = faults.findings.iter().map(|finding| finding.code.as_str()).collect();
        (read.to_string(), codes.join(" "))
    };
    let said = |rule: &str, codes: &str| (rule.to_owned(), codes.to_owned());
    let tag = r#"["Internet"]"#;
    assert_eq!(flat("DestinationPortRange", tag), said("100 In Allow Tcp Internet:* -> *:80,443", ""));
    let empty = said("100 In Allow Tcp ?:* -> *:80,443", "incomplete-rule"); // S37
    assert_eq!(flat("DestinationPortRange", "[]"), empty);
    // In the spelling of templates Azure refuses a list there.
    assert_eq!(flat("destinationPortRange", tag), said("100 In Allow Tcp Internet:* -> *:?", "wrong-type"));
}

#[test]
fn a_word_that_was_likely_meant_is_named() {
    let words = ["Inbound", "Outbound"];
    assert_eq!(super::nearest("In", &words), Some("Inbound"));
    assert_eq!(super::nearest("outbond", &words), Some("Outbound"));
    assert_eq!(super::nearest("Sideways", &words), None);
    assert_eq!(super::nearest("Any", &["Tcp", "*"]), Some("*"));
}

#[test]
fn a_comma_list_is_shown_as_the_list_to_write() {
    let text = "{\"name\": \"r\", \"destinationPortRange\": \"80, 443\"}";
    let mut faults = Faults::default();
    rule(&read(&"t.json".into(), text).unwrap().root, None, List::Custom, &mut faults);
    let finding = faults.findings.iter().find(|finding| finding.code.as_str() == "comma-port").unwrap();
    assert_eq!(finding.fix.as_deref(), Some("write `destinationPortRanges`: [\"80\", \"443\"]"));
    assert_eq!((finding.origin.line, finding.origin.column), (1, 39));
}

#[test]
fn addresses_are_stars_prefixes_tags_or_unknown() {
    let source = |value: &str| format!("\"sourceAddressPrefix\": {value}");
    for (value, printed, codes) in [
        ("\"0.0.0.0/0\"", "0.0.0.0/0", ""),
        ("\"10.0.0.5\"", "10.0.0.5", "bare-address"),
        ("\"10.0.0.5/24\"", "10.0.0.0/24", ""), // host-bits is told from the model
        ("\" 10.0.0.0/24 \"", "10.0.0.0/24", ""),
        ("\"2001:db8::/32\"", "[2001:db8::/32]", ""),
        ("\"::1\"", "[::1]", "bare-address"),
        ("\"10.0.0.1-10.0.0.9\"", "10.0.0.1-10.0.0.9", ""),
        ("\"Any\"", "Any", ""),
        ("\"INTERNET\"", "INTERNET", ""),
        ("\"Virtual Network\"", "Virtual Network", ""),
        ("\"Sql.WestEurope\"", "Sql.WestEurope", ""),
        ("\"789\"", "?", "address-text"),
        ("\"10.0.0.300\"", "?", "address-text"),
        ("\"10.0.0.0/33\"", "?", "address-text"),
        ("\"10.0.0.0/24,10.1.0.0/24\"", "?", "address-text"),
        ("\"Sql,Storage\"", "?", "address-text"),
        ("5", "?", "wrong-type"),
        ("{\"id\": \"x\"}", "?", "wrong-type"),
        ("null", "?", "incomplete-rule"),
        ("\"\"", "?", "incomplete-rule"),
    ] {
        check(&source(value), &format!("100 In Allow Tcp {printed}:* -> *:443"), codes);
    }
}

#[test]
fn plural_addresses_and_groups_carry_a_side() {
    let none = "\"sourceAddressPrefix\": \"\"";
    check(
        &format!("{none}, \"SourceAddressPrefixes\": [\"10.0.0.0/24\", \"*\"]"),
        "100 In Allow Tcp 10.0.0.0/24,*:* -> *:443",
        "",
    );
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/Web";
    check(
        &format!("{none}, \"sourceApplicationSecurityGroups\": [{{\"id\": \"{id}\"}}]"),
        "100 In Allow Tcp asg:Web:* -> *:443",
        "",
    );
    check(
        &format!("{none}, \"sourceApplicationSecurityGroups\": [{{}}]"),
        "100 In Allow Tcp ?:* -> *:443",
        "wrong-type",
    );
    check(
        &format!("{none}, \"sourceAddressPrefixes\": null"),
        "100 In Allow Tcp ?:* -> *:443",
        "incomplete-rule",
    );
}

#[test]
fn names_lose_what_azures_tools_put_before_them() {
    for (written, name) in [
        ("securityRules/Allow", "Allow"),
        ("defaultSecurityRules/AllowVnetInBound", "AllowVnetInBound"),
        ("UserRule_Allow", "Allow"),
        ("Allow", "Allow"),
        ("securityRules/", "securityRules/"),
    ] {
        assert_eq!(super::bare_name(written), name);
    }
}

#[test]
fn what_is_no_object_is_a_rule_of_which_nothing_is_known() {
    for text in [
        "5",
        "\"[concat('a')]\"",
        "null",
        "[]",
        "{\"name\": \"r\", \"properties\": 5}",
        "{\"name\": 5, \"properties\": []}",
    ] {
        let mut faults = Faults::default();
        let rule = rule(&read(&"t.json".into(), text).unwrap().root, None, List::Custom, &mut faults);
        assert_eq!(rule.to_string(), "? ? ? ? ?:? -> ?:?", "{text}");
        assert_eq!(faults.findings[0].code.as_str(), "wrong-type", "{text}");
    }
}
