//! Values to try first when an example is made simpler.
//!
//! A choice among kinds shrinks to the kind next to it and stops where that one does not fail. Here the plain
//! value (`*`, every port) is tried before anything else, whatever was generated.

use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;
use std::fmt::Debug;

/// The strategy, with a value that takes the place of any other where that fails too.
pub(super) fn preferring<S>(inner: S, plain: S::Value) -> Preferring<S>
where
    S: Strategy,
    S::Value: Clone,
{
    Preferring { inner, plain }
}

#[derive(Clone, Debug)]
pub(super) struct Preferring<S: Strategy> {
    inner: S,
    plain: S::Value,
}

impl<S> Strategy for Preferring<S>
where
    S: Strategy,
    S::Value: Clone,
{
    type Tree = PlainFirst<S::Tree>;
    type Value = S::Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let inner = self.inner.new_tree(runner)?;
        Ok(PlainFirst { inner, plain: self.plain.clone(), tried: Tried::Not })
    }
}

/// Whether the plain value was tried.
#[derive(Clone, Copy, Debug)]
enum Tried {
    Not,
    /// It stands now; when nobody objects, it stays.
    Now,
    InVain,
}

#[derive(Clone, Debug)]
pub(super) struct PlainFirst<T: ValueTree> {
    inner: T,
    plain: T::Value,
    tried: Tried,
}

impl<T: ValueTree> ValueTree for PlainFirst<T>
where
    T::Value: Clone + Debug,
{
    type Value = T::Value;

    fn current(&self) -> T::Value {
        match self.tried {
            Tried::Now => self.plain.clone(),
            Tried::Not | Tried::InVain => self.inner.current(),
        }
    }

    fn simplify(&mut self) -> bool {
        match self.tried {
            Tried::Not => {
                self.tried = Tried::Now;
                true
            }
            Tried::Now => false,
            Tried::InVain => self.inner.simplify(),
        }
    }

    fn complicate(&mut self) -> bool {
        match self.tried {
            Tried::Now => {
                self.tried = Tried::InVain;
                true
            }
            Tried::Not | Tried::InVain => self.inner.complicate(),
        }
    }
}
