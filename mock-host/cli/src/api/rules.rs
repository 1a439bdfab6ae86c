//! The rules of the API that public sources leave open, or on which they contradict each other.

use http::StatusCode;

/// The behavior of the API where its documentation leaves it open. The default is the published
/// reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiRules {
    /// The form of values of more than 1,024 bytes.
    pub large_values: LargeValues,
    /// The status for a store's name that is taken, and for a key that holds another type.
    pub conflict_status: ConflictStatus,
    /// The treatment of query parameters that a call does not have.
    pub unknown_parameters: UnknownParameters,
}

/// The form in which values of more than 1,024 bytes are returned. Masked values are always
/// returned as a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LargeValues {
    /// The SHA-256 of the value, if the value has more than 1,024 bytes.
    #[default]
    Sha256OfValue,
    /// The SHA-256 of the value's encoded text, if that has more than 1,024 bytes. The encoding of
    /// values that are not text is base64.
    Sha256OfText,
    /// The value as it was written.
    Clear,
}

/// The status for a store's name that is taken, and for a key that holds another type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConflictStatus {
    /// 400 Bad Request.
    #[default]
    BadRequest,
    /// 409 Conflict.
    Conflict,
}

/// The treatment of query parameters that a call does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownParameters {
    /// They are ignored.
    #[default]
    Ignore,
    /// The request is refused with 400 Bad Request.
    Refuse,
}

impl ApiRules {
    /// Sets the form in which values of more than 1,024 bytes are returned. Default: the SHA-256 of
    /// the value.
    #[must_use]
    pub fn large_values(mut self, large_values: LargeValues) -> Self {
        self.large_values = large_values;
        self
    }

    /// Sets the status for a name that is taken and for a key of another type. Default: 400.
    #[must_use]
    pub fn conflict_status(mut self, status: ConflictStatus) -> Self {
        self.conflict_status = status;
        self
    }

    /// Sets the treatment of query parameters that a call does not have. Default: they are ignored.
    #[must_use]
    pub fn unknown_parameters(mut self, treatment: UnknownParameters) -> Self {
        self.unknown_parameters = treatment;
        self
    }
}

impl From<ConflictStatus> for StatusCode {
    fn from(status: ConflictStatus) -> Self {
        match status {
            ConflictStatus::BadRequest => StatusCode::BAD_REQUEST,
            ConflictStatus::Conflict => StatusCode::CONFLICT,
        }
    }
}
