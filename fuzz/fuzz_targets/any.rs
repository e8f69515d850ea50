//! Any file: its kind is told from its content, and what is no input is counted.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| flowcheck_fuzz::hold(None, bytes));
