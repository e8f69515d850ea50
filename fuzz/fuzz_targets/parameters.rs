//! Parameter files beside a template.

#![no_main]

use flowcheck::sources::{ReadOptions, read};
use libfuzzer_sys::fuzz_target;

const TEMPLATE: &[u8] = include_bytes!("../../examples/external/main.json");

fuzz_target!(|bytes: &[u8]| {
    let parameters = vec![("parameters".to_owned(), bytes.to_vec())];
    if let Err(error) = read(TEMPLATE, "main.json", &ReadOptions { parameters, ..ReadOptions::default() }) {
        flowcheck_fuzz::hold_error(&error);
    }
});
