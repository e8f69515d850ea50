//! Service tag lists: Microsoft's JSON and our own text.

#![no_main]

use flowcheck::tags::TagSnapshot;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = TagSnapshot::read(bytes, "tags", None) {
        let names: Vec<String> = list.names().map(str::to_owned).collect();
        for name in names {
            let _ = list.lookup(&name);
        }
    }
});
