//! What a request says of who sends it.

use ::http::Request;
use ::http::header::{ACCEPT_LANGUAGE, AsHeaderName, HeaderMap};

use super::{Device, EvaluationContext, language};
use crate::http::ClientInfo;
use crate::http::cookie;

impl EvaluationContext {
    /// What a request says, as far as it says it:
    ///
    /// | attribute | from | such as |
    /// |---|---|---|
    /// | `country` | the location's header, ISO 3166-1 | `"DE"` |
    /// | `continent`, `region`, `city` | the location's headers, in the platform's words | `"EU"` |
    /// | `language` | `Accept-Language`: what is preferred, without its region | `"de"` |
    /// | `locale` | the same, as it is | `"de-AT"` |
    /// | `device` | [`Device`]: client hints, `User-Agent` | `"mobile"` |
    /// | `path` | the URI | `"/checkout"` |
    ///
    /// There is no targeting key in it: set one of a login, or of a [`Visitor`](crate::flags::Visitor).
    /// All of it but the location can be whatever a client likes to say. The location is that of the
    /// platform's point of presence.
    ///
    /// ```
    /// use fastedge::flags::EvaluationContext;
    /// use fastedge::http::Request;
    ///
    /// let request = Request::get("/checkout?step=2")
    ///     .header("pop-country-code", "at")
    ///     .header("accept-language", "en;q=0.5, de-AT, *;q=0.1")
    ///     .header("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Mobile/15E148")
    ///     .header("cookie", "theme=dark; plan=pro")
    ///     .header("x-beta", "1")
    ///     .body(())?;
    /// let context = EvaluationContext::from_request(&request)
    ///     .with_cookie(request.headers(), "plan")
    ///     .with_header(request.headers(), "x-beta");
    ///
    /// assert_eq!(context.get("country").unwrap(), "AT");
    /// assert_eq!(context.get("language").unwrap(), "de");
    /// assert_eq!(context.get("locale").unwrap(), "de-AT");
    /// assert_eq!(context.get("device").unwrap(), "mobile");
    /// assert_eq!(context.get("path").unwrap(), "/checkout");
    /// assert_eq!(context.get("cookies").unwrap()["plan"], "pro");
    /// assert_eq!(context.get("headers").unwrap()["x-beta"], "1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_request<B>(request: &Request<B>) -> Self {
        EvaluationContext::of(request.headers(), request.uri().path())
    }

    /// With a cookie's value as `cookies.<name>`, if the request has it. Which cookies targeting may look
    /// at, is chosen: they say more than it should know.
    #[must_use]
    pub fn with_cookie(mut self, headers: &HeaderMap, name: &str) -> Self {
        if let Some(value) = cookie::values(headers, name).next() {
            self.set_member("cookies", name, value.to_owned());
        }
        self
    }

    /// With a header's value as `headers.<name>`, the name in lower case, if the request has it and it is
    /// text.
    #[must_use]
    pub fn with_header(mut self, headers: &HeaderMap, name: &str) -> Self {
        if let Some(value) = text_of(headers, name) {
            self.set_member("headers", &name.to_ascii_lowercase(), value.to_owned());
        }
        self
    }

    fn of(headers: &HeaderMap, path: &str) -> Self {
        let mut context = EvaluationContext {
            attributes: Vec::with_capacity(8),
        };
        let client = ClientInfo::new(headers);
        let country = client.country_code().ok().flatten();
        let mut set = |name: &'static str, value: Option<&str>| {
            if let Some(value) = value {
                context.attributes.push((name.into(), value.into()));
            }
        };
        set("country", country.as_ref().map(|code| code.as_str()));
        set("continent", client.continent());
        set("region", client.region());
        set("city", client.city());
        let locale = text_of(headers, ACCEPT_LANGUAGE).and_then(language::preferred);
        set("locale", locale);
        let language = locale.map(language::without_region);
        set("language", language.as_deref());
        set("device", Device::of(headers).map(Device::as_str));
        set("path", Some(path));
        context
    }
}

pub(super) fn text_of(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    str::from_utf8(headers.get(name)?.as_bytes()).ok()
}
