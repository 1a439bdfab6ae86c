//! An app whose configuration is a JSON document in Edge Storage, so that it changes without a
//! deployment.
//!
//! A missing document is fine: every setting has a default. A broken one is not, and the app says
//! so instead of going on with defaults that nobody chose: the error in the log names the store,
//! the key, and the line and column in the document, or what the settings have to be.

use fastedge::config::{Config, Policy};
use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

/// The settings, and what holds where the document says nothing.
#[derive(Debug, Deserialize, Serialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What visitors are told.
    pub greeting: String,
    /// How many items a page shows.
    pub items_per_page: u32,
    /// Whether visitors are only told to come back later.
    pub maintenance: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            greeting: "Welcome!".to_owned(),
            items_per_page: 20,
            maintenance: false,
        }
    }
}

fn config() -> Config<Settings> {
    Config::new("config", "settings")
        .validated(|settings: &Settings| match settings.items_per_page {
            1..=100 => Ok(()),
            other => Err(format!("items_per_page is {other}, and has to be 1 to 100")),
        })
        .when_missing(Policy::Use(Settings::default))
        .when_broken(Policy::Fail)
}

#[fastedge::http]
fn main(_request: Request<Body>) -> Result<Response<Body>, Error> {
    // One read: what a request needs of its configuration belongs into one document.
    let settings = config().load()?;
    if settings.maintenance {
        return Ok(http::text(
            StatusCode::SERVICE_UNAVAILABLE,
            "Back in a minute.\n",
        ));
    }
    http::json(StatusCode::OK, &*settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::MockHost;

    fn get(document: Option<&str>) -> Result<Response<Body>, Error> {
        let edge = MockHost::new().kv("config", |kv| match document {
            Some(document) => kv.set("settings", document),
            None => kv,
        });
        let _installed = edge.install();
        main(Request::get("/").body(Body::empty())?)
    }

    #[test]
    fn settings_come_from_the_document_and_otherwise_from_the_defaults() {
        let response = get(Some(r#"{"items_per_page": 5}"#)).unwrap();
        let settings: Settings = response.body().read_json().unwrap();
        assert_eq!(
            settings,
            Settings {
                items_per_page: 5,
                ..Settings::default()
            }
        );
        let response = get(None).unwrap();
        let settings: Settings = response.body().read_json().unwrap();
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn maintenance_is_a_503() {
        let response = get(Some(r#"{"maintenance": true}"#)).unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn a_typo_is_an_error_that_says_where() {
        let error = get(Some("{\n  \"items_per_pgae\": 5}")).unwrap_err();
        assert!(
            error.to_string().starts_with(
                "the document at key `settings` of store `config` is broken: not the expected \
                 JSON: unknown field `items_per_pgae`"
            ),
            "{error}"
        );
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn settings_that_cannot_be_are_an_error() {
        let error = get(Some(r#"{"items_per_page": 0}"#)).unwrap_err();
        assert!(error.to_string().ends_with("has to be 1 to 100"), "{error}");
    }
}
