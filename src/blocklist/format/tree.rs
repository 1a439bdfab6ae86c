//! Texts that stand for all that is below them: domains and paths.

use super::Hit;
use super::bytes::{Malformed, take, take_array, take_u8};
use super::text::{TextBody, TextWalk};

/// What an entry says of the texts from it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not listed, up to the next entry.
    Off,
    /// Listed, up to the next entry.
    On,
    /// Listed is it, and what is below it.
    Subtree,
    /// Listed is it alone.
    Exact,
}

/// Sorted texts whose parts end with a zero, and what each says.
#[derive(Clone, Copy, Debug)]
pub struct TreeBody<'a> {
    texts: TextBody<'a>,
    /// None, if all are subtrees.
    states: Option<&'a [u8]>,
    payload: &'a [u8],
}

impl<'a> TreeBody<'a> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// If it is too short for what it says.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        const SHORT: &str = "texts are cut off";
        let mut rest = body;
        let has_states = take_u8(&mut rest, SHORT)? != 0;
        take_array::<3>(&mut rest, SHORT)?;
        let texts = TextBody::read(&mut rest)?;
        let states = match has_states {
            true => Some(take(&mut rest, texts.len(), SHORT)?),
            false => None,
        };
        Ok(TreeBody {
            texts,
            states,
            payload: rest,
        })
    }

    /// The entry by which a text is listed.
    ///
    /// # Errors
    ///
    /// If the body contradicts itself.
    pub fn find(&self, text: &[u8]) -> Result<Option<Hit<'a>>, Malformed> {
        let Some(found) = self.texts.predecessor(text)? else {
            return Ok(None);
        };
        let is_prefix = found.shared == found.length;
        let is_listed = match self.state(found.index)? {
            State::Off => false,
            State::On => true,
            State::Subtree => is_prefix && matches!(text.get(found.length), None | Some(0)),
            State::Exact => is_prefix && text.len() == found.length,
        };
        Ok(is_listed.then_some(self.hit(found.index)))
    }

    /// All texts, in order.
    pub fn walk(&self) -> TextWalk<'a> {
        self.texts.walk()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// What an entry says.
    ///
    /// # Errors
    ///
    /// If it says nothing that is known.
    pub fn state(&self, index: usize) -> Result<State, Malformed> {
        let Some(states) = self.states else {
            return Ok(State::Subtree);
        };
        match states.get(index) {
            Some(0) => Ok(State::Off),
            Some(1) => Ok(State::On),
            Some(2) => Ok(State::Subtree),
            Some(3) => Ok(State::Exact),
            _ => Err(Malformed("what an entry says is unknown")),
        }
    }

    /// What an entry carries is reached by this.
    pub fn hit(&self, index: usize) -> Hit<'a> {
        Hit {
            index,
            entries: self.texts.len(),
            payload: self.payload,
        }
    }
}
