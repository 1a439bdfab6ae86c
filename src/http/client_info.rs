//! What the platform says of a client.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ::http::HeaderMap;

/// Who sent a request, and from where: a typed view of the headers that the platform sets.
///
/// It borrows the headers and reads one only when asked, so it costs nothing until then and works
/// on any `http::Request`, that of a `wstd` app included. A header that is not there is `None`.
/// The location is that of the platform's point of presence, as its header names (`pop-…`) say.
///
/// ```
/// use fastedge::http::{ClientInfo, Request};
///
/// let request = Request::get("/")
///     .header("x-real-ip", "203.0.113.7")
///     .header("pop-country-code", "LU")
///     .header("pop-city", "Luxembourg")
///     .header("pop-lat", "49.61")
///     .header("pop-long", "6.13")
///     .body(())?;
///
/// let client = ClientInfo::new(request.headers());
/// assert_eq!(client.address()?, Some("203.0.113.7".parse()?));
/// assert_eq!(client.country_code()?.unwrap(), "LU");
/// assert_eq!(client.city(), Some("Luxembourg"));
/// assert_eq!(client.coordinates()?.unwrap().latitude(), 49.61);
/// assert_eq!(client.continent(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ClientInfo<'a> {
    headers: &'a HeaderMap,
}

impl<'a> ClientInfo<'a> {
    /// What these headers say.
    pub fn new(headers: &'a HeaderMap) -> Self {
        ClientInfo { headers }
    }

    /// The client's address: `x-real-ip`, which the platform sets.
    ///
    /// Where that is missing, as it can be on other hosts, the first address in
    /// `x-forwarded-for`, of which a client can write anything: decide nothing by it there.
    ///
    /// # Errors
    ///
    /// If the header does not hold an address.
    pub fn address(self) -> Result<Option<IpAddr>, ClientInfoError> {
        if let Some(address) = self.parsed("x-real-ip")? {
            return Ok(Some(address));
        }
        let name = "x-forwarded-for";
        match self.text_of(name)? {
            Some(list) => {
                let first = list.split(',').next().unwrap_or(list);
                parse(name, first).map(Some)
            }
            None => Ok(None),
        }
    }

    /// The two letters of ISO 3166-1 for the country: `pop-country-code`.
    ///
    /// # Errors
    ///
    /// If the header does not hold two letters.
    pub fn country_code(self) -> Result<Option<CountryCode>, ClientInfoError> {
        self.parsed("pop-country-code")
    }

    /// The country's name: `pop-country-name`.
    pub fn country_name(self) -> Option<&'a str> {
        self.text("pop-country-name")
    }

    /// The region: `pop-reg`.
    pub fn region(self) -> Option<&'a str> {
        self.text("pop-reg")
    }

    /// The city: `pop-city`.
    pub fn city(self) -> Option<&'a str> {
        self.text("pop-city")
    }

    /// The continent, in the platform's words: `pop-continent`.
    pub fn continent(self) -> Option<&'a str> {
        self.text("pop-continent")
    }

    /// The place: `pop-lat` and `pop-long`.
    ///
    /// # Errors
    ///
    /// If one is there without the other, or they are not degrees within ±90 and ±180.
    pub fn coordinates(self) -> Result<Option<Coordinates>, ClientInfoError> {
        let latitude = self.degrees("pop-lat", 90.0)?;
        let longitude = self.degrees("pop-long", 180.0)?;
        match (latitude, longitude) {
            (Some(latitude), Some(longitude)) => Ok(Some(Coordinates {
                latitude,
                longitude,
            })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(error("pop-long", "missing, but `pop-lat` is there")),
            (None, Some(_)) => Err(error("pop-lat", "missing, but `pop-long` is there")),
        }
    }

    /// The name of the server that was asked: `server_name`.
    pub fn server_name(self) -> Option<&'a str> {
        self.text("server_name")
    }

    fn degrees(self, name: &'static str, limit: f64) -> Result<Option<f64>, ClientInfoError> {
        match self.parsed::<f64>(name)? {
            Some(degrees) if degrees.abs() <= limit => Ok(Some(degrees)),
            Some(degrees) => Err(error(name, format!("{degrees} is not within ±{limit}"))),
            None => Ok(None),
        }
    }

    /// A header that is missing, empty or not text is `None`.
    fn text(self, name: &'static str) -> Option<&'a str> {
        self.text_of(name).ok().flatten()
    }

    fn text_of(self, name: &'static str) -> Result<Option<&'a str>, ClientInfoError> {
        let Some(value) = self.headers.get(name) else {
            return Ok(None);
        };
        match str::from_utf8(value.as_bytes()) {
            Ok(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Err(_) => Err(error(name, "not UTF-8 text")),
        }
    }

    fn parsed<T>(self, name: &'static str) -> Result<Option<T>, ClientInfoError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        match self.text_of(name)? {
            Some(text) => parse(name, text).map(Some),
            None => Ok(None),
        }
    }
}

fn parse<T>(name: &'static str, text: &str) -> Result<T, ClientInfoError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    text.trim()
        .parse()
        .map_err(|reason: T::Err| error(name, reason.to_string()))
}

fn error(header: &'static str, reason: impl Into<String>) -> ClientInfoError {
    ClientInfoError {
        header,
        reason: reason.into(),
    }
}

/// A header of the platform that does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("request header `{header}`: {reason}")]
#[non_exhaustive]
pub struct ClientInfoError {
    /// The header's name.
    pub header: &'static str,
    /// What is wrong with its value.
    pub reason: String,
}

/// A place on Earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    latitude: f64,
    longitude: f64,
}

impl Coordinates {
    /// Degrees north of the equator, within ±90.
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east of Greenwich, within ±180.
    pub fn longitude(self) -> f64 {
        self.longitude
    }
}

/// The two upper-case letters of ISO 3166-1 for a country. Compares with text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        // Always ASCII letters: `from_str` is the only way here.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CountryCode {
    type Err = InvalidCountryCode;

    fn from_str(text: &str) -> Result<Self, InvalidCountryCode> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Ok(CountryCode([
                a.to_ascii_uppercase(),
                b.to_ascii_uppercase(),
            ])),
            _ => Err(InvalidCountryCode),
        }
    }
}

/// A country code is two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the two letters of a country code")]
#[non_exhaustive]
pub struct InvalidCountryCode;

impl PartialEq<str> for CountryCode {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == text
    }
}

impl PartialEq<&str> for CountryCode {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == *text
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CountryCode({})", self.as_str())
    }
}
