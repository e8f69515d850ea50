//! Templates: expansion with every function, loops, nested deployments.

#![no_main]

use flowcheck::sources::InputKind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| flowcheck_fuzz::hold(Some(InputKind::Template), bytes));
