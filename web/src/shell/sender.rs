//! Sends actions to the app, which alone changes the state. Senders need not know the app.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use crate::state::action::Action;

/// Sends actions. They are applied one after another, in the order in which they were sent.
#[derive(Clone, Default)]
pub struct Sender(Rc<Queue>);

#[derive(Default)]
struct Queue {
    waiting: RefCell<VecDeque<Action>>,
    /// Whether an action is being applied.
    busy: Cell<bool>,
    apply: OnceCell<Box<dyn Fn(Action)>>,
}

impl Sender {
    /// Sets the function that applies actions; only the first call has an effect.
    pub fn connect(&self, apply: impl Fn(Action) + 'static) {
        let _ = self.0.apply.set(Box::new(apply));
    }

    /// Sends an action. It is applied before this function returns, or, if another action is being applied, right after
    /// it.
    pub fn send(&self, action: Action) {
        self.0.waiting.borrow_mut().push_back(action);
        let Some(apply) = self.0.apply.get() else { return };
        if self.0.busy.replace(true) {
            return;
        }
        while let Some(next) = self.next() {
            apply(next);
        }
        self.0.busy.set(false);
    }

    fn next(&self) -> Option<Action> {
        self.0.waiting.borrow_mut().pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_that_is_sent_by_another_follows_it() {
        let (sender, seen) = (Sender::default(), Rc::new(RefCell::new(Vec::new())));
        sender.send(Action::Alert("first".into())); // before `connect`
        let (again, said) = (sender.clone(), seen.clone());
        sender.connect(move |action| {
            let Action::Alert(words) = action else { return };
            if words == "second" {
                again.send(Action::Alert("fourth".into()));
                again.send(Action::Alert("fifth".into()));
            }
            said.borrow_mut().push(words);
        });
        for words in ["second", "third"] {
            sender.send(Action::Alert(words.into()));
        }
        assert_eq!(*seen.borrow(), ["first", "second", "fourth", "fifth", "third"]);
    }
}
