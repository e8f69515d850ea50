//! Input that is broken, odd or made to cost much: each ends with an answer, or with an error that says what and
//! where and names the limit (design, section 10). Files of 64 MiB are written by `examples/large_inputs.rs`;
//! what holds for them holds here for small ones.

use flowcheck::sources::{Input, InputKind, ReadError, ReadOptions, read};

fn outcome(bytes: &[u8]) -> Result<Input, ReadError> {
    read(bytes, "x.json", &ReadOptions::default())
}

/// Every finding as one line.
fn findings(input: &Input) -> String {
    let line = |finding: &flowcheck::finding::Finding| {
        let origin = &finding.origin;
        format!("{}:{} {} {}", origin.line, origin.column, finding.code, finding.message)
    };
    input.findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn template(inside: &str) -> String {
    format!(
        "{{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\n\
         \"contentVersion\": \"1.0.0.0\",\n{inside}}}"
    )
}

fn group(name: &str, rest: &str) -> String {
    format!("{{\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"{name}\"{rest}}}")
}

fn rule(rest: &str) -> String {
    format!(
        "{{\"name\": \"r\", \"protocol\": \"Tcp\", \"access\": \"Allow\", \"direction\": \"Inbound\",\n\
         \"sourcePortRange\": \"*\", \"sourceAddressPrefix\": \"*\", \"destinationAddressPrefix\": \"*\", {rest}}}"
    )
}

fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(unit).collect()
}

#[test]
fn what_cannot_be_read_says_why_and_where() {
    let deep = |open: &str| open.repeat(10_000);
    let closed = format!("{}{}", deep("["), "]".repeat(10_000));
    let in_a_value = template(&format!("\"resources\": [], \"variables\": {{\"v\": {closed}}}"));
    for (bytes, says) in [
        (deep("[").into_bytes(), "expected at most 512 levels of objects, keys and arrays"),
        (closed.into_bytes(), "expected at most 512 levels"),
        (deep("{\"a\":").into_bytes(), "expected at most 512 levels"),
        (in_a_value.into_bytes(), "expected at most 512 levels"),
        (vec![b' '; (64 << 20) + 1], "the file has 67108865 bytes, and at most 67108864 are read"),
        (b"{\n \"name\": \"a\xff\"}".to_vec(), "x.json:2:11: a byte that is no UTF-8"),
        (b"{\"name\": \"\xed\xa0\x80\"}".to_vec(), "x.json:1:11: a byte that is no UTF-8"),
        (wide("{\"a\": ", u16::to_le_bytes), "x.json:1:6: read the end of the file, expected a value"),
        (b"{\"a\": \0}".to_vec(), "x.json:1:7: read `\0}`, expected a JSON value"),
        (b"\0\0\0\0".to_vec(), "x.json:1:1: read `\0\0\0\0`, expected a JSON value"),
        (b"{\"a\": \"\\ud800\"}".to_vec(), "unpaired high surrogate"),
        (b"{\"a\": \"\\u12\"}".to_vec(), "expected four hex digits"),
        (b"{\"a\": 1e}".to_vec(), "x.json:1:9: read `}`, expected a JSON value"),
        (b"{\"a\": 01}".to_vec(), "x.json:1:8: read `1}`, expected a comma"),
        (
            br#"{"planned_values": {"root_module": {"resources": [
            {"address": "aws_vpc.a", "mode": "managed", "type": "aws_vpc", "name": "a", "values": {"id": "i"}}]}}}"#
                .to_vec(),
            "a Terraform plan with 1 resource, none of azurerm or azapi",
        ),
        (
            br#"{"resource_changes": [
            {"address": "azurerm_storage_account.a", "mode": "managed", "type": "azurerm_storage_account", "name": "a",
            "change": {"actions": ["create"], "after": {}}}]}"#
                .to_vec(),
            "1 resource, of which 1 of azurerm or azapi, and nothing of a network",
        ),
    ] {
        let error = outcome(&bytes).unwrap_err().to_string();
        assert!(error.contains(says), "{says}: {error}");
        assert!(error.starts_with("x.json"), "{error}");
    }
}

#[test]
fn what_can_be_read_in_part_names_what_cannot() {
    let looped = |count: &str| {
        template(&format!(
            "\"resources\": [{}]",
            group("n", &format!(", \"copy\": {{\"name\": \"l\", \"count\": {count}}}"))
        ))
    };
    let priority = |number: &str| {
        group(
            "n",
            &format!(
                ", \"properties\": {{\"securityRules\": [{}]}}",
                rule(&format!("\"destinationPortRange\": \"80\", \"priority\": {number}"))
            ),
        )
    };
    for (text, says) in [
        (looped("1000000000"), "a `copy` loop of 1000000000 is outside of 0..=800, Azure's limit"),
        (looped("99999999999999999999"), "copy"),
        (
            template(
                "\"parameters\": {\"a\": {\"type\": \"string\", \"defaultValue\": \"[parameters('b')]\"},\n\
                 \"b\": {\"type\": \"string\", \"defaultValue\": \"[parameters('a')]\"}},\n\"resources\": [\
                 {\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"[parameters('a')]\"}]",
            ),
            "parameters('a') -> parameters('b') -> parameters('a')",
        ),
        (priority("99999999999999999999"), "priority"),
        (priority("1e400"), "priority"),
        (priority("-1"), "priority -1 is not in 100..=4096"),
        (priority("4294967396"), "priority 4294967396 is not in 100..=4096"),
        (
            group(
                "n",
                &format!(
                    ", \"properties\": {{\"securityRules\": [{}]}}",
                    rule("\"priority\": 100, \"destinationPortRange\": \"70000\"")
                ),
            ),
            "70000",
        ),
        (template(&format!("\"resources\": [{0},\n{0}]", group("n", ""))), "is declared twice"),
        (
            "{\"securityRules\": [], \"name\": \"n\", \"name\": \"m\"}".to_owned(),
            "the key `name` is here a second time",
        ),
    ] {
        let input = outcome(text.as_bytes()).unwrap();
        assert!(findings(&input).contains(says), "{says}: {}", findings(&input));
    }
}

#[test]
fn the_same_text_in_another_encoding_is_the_same_input() {
    let text = group("nö", ", \"properties\": {\"securityRules\": []}");
    let plain = outcome(text.as_bytes()).unwrap();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [marked, wide(&text, u16::to_le_bytes), wide(&text, u16::to_be_bytes)] {
        let input = outcome(&bytes).unwrap();
        assert_eq!(input.kind, InputKind::AzureJson);
        assert_eq!(format!("{:?}", input.network), format!("{:?}", plain.network));
    }
}

#[test]
fn a_key_that_is_there_thousands_of_times_is_told_a_thousand_times() {
    let text = format!("{{\"securityRules\": [], {}\"b\": 0}}", "\"a\": 0,\n".repeat(3_000));
    let input = outcome(text.as_bytes()).unwrap();
    assert_eq!(input.findings.len(), 1_001);
    assert_eq!(input.findings[0].message, "the key `a` is here a second time");
    assert_eq!(
        input.findings[1_000].message,
        "1999 more keys from here on are in their objects a second time"
    );
    assert_eq!(input.findings[1_000].origin.line, 1_002);
}
