//! What an instance says of its connections.

#![no_main]

use flowcheck::sources::InputKind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| flowcheck_fuzz::hold(Some(InputKind::NetworkStatus), bytes));
