//! The shape of a room's error.

/// Makes a room's `Error` of its `ErrorKind`: one pointer to what has failed.
///
/// Results stay small, and a result that is good does not pay for one that is bad: with the kinds
/// themselves in it, each result would go through memory, whatever it holds.
macro_rules! error_of_kind {
    ($what:literal) => {
        #[doc = concat!("How ", $what, " fails: see [`kind`](Error::kind). It is one pointer.")]
        #[derive(Debug, thiserror::Error)]
        #[error(transparent)]
        pub struct Error(Box<ErrorKind>);

        impl Error {
            /// What has failed, and at what.
            pub fn kind(&self) -> &ErrorKind {
                &self.0
            }

            /// What has failed, and at what.
            pub fn into_kind(self) -> ErrorKind {
                *self.0
            }
        }

        impl From<ErrorKind> for Error {
            #[cold]
            fn from(kind: ErrorKind) -> Self {
                Error(Box::new(kind))
            }
        }

        impl From<$crate::NoHostInstalled> for Error {
            fn from(error: $crate::NoHostInstalled) -> Self {
                ErrorKind::from(error).into()
            }
        }
    };
}

pub(crate) use error_of_kind;
