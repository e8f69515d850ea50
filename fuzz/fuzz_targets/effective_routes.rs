//! Dumps of effective routes.

#![no_main]

use flowcheck::sources::InputKind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| flowcheck_fuzz::hold(Some(InputKind::EffectiveRoutes), bytes));
