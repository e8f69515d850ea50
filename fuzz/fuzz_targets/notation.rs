//! Rules and packets as one line of text; what was read is printed and read again.

#![no_main]

use flowcheck::model::{Origin, Packet};
use flowcheck::rules::notation;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(packet) = text.parse::<Packet>() {
        assert_eq!(packet.to_string().parse::<Packet>().as_ref(), Ok(&packet));
    }
    let origin = Origin::command_line("fuzz");
    if let Ok(rule) = notation::rule("r", text, &origin) {
        let printed = rule.to_string();
        let again = notation::rule("r", &printed, &origin).map(|rule| rule.to_string());
        assert_eq!(again.as_deref(), Ok(printed.as_str()));
    }
});
