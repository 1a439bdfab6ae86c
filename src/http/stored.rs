//! Responses as bytes.
//!
//! | bytes | |
//! |---|---|
//! | 2 | the status |
//! | 4 | how many headers there are |
//! | for each: 4, 4, and these | the lengths of its name and of its value; the name, the value |
//! | the rest | the body |
//!
//! Numbers are little-endian.

use ::http::{HeaderName, HeaderValue, Response, StatusCode};

use super::Body;

pub(crate) fn write(response: &Response<Body>, bytes: &mut Vec<u8>) {
    bytes.extend(response.status().as_u16().to_le_bytes());
    bytes.extend(length(response.headers().len()));
    for (name, value) in response.headers() {
        bytes.extend(length(name.as_str().len()));
        bytes.extend(length(value.len()));
        bytes.extend(name.as_str().as_bytes());
        bytes.extend(value.as_bytes());
    }
    bytes.extend(response.body().as_bytes());
}

/// Four bytes: more than any response has.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

/// The error says what is wrong with the bytes.
pub(crate) fn read(bytes: &[u8]) -> Result<Response<Body>, &'static str> {
    let mut rest = Rest(bytes);
    let status = u16::from_le_bytes(rest.chunk()?);
    let status = StatusCode::from_u16(status).map_err(|_| "its status is none")?;
    let headers = rest.length()?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    for _ in 0..headers {
        let (name, value) = (rest.length()?, rest.length()?);
        let name = HeaderName::from_bytes(rest.take(name)?);
        let name = name.map_err(|_| "a header's name is none")?;
        let value = HeaderValue::from_bytes(rest.take(value)?);
        let value = value.map_err(|_| "a header's value is none")?;
        let appended = response.headers_mut().try_append(name, value);
        appended.map_err(|_| "it has too many headers")?;
    }
    *response.body_mut() = Body::from(rest.0);
    Ok(response)
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or("it is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or("it is cut short")?;
        self.0 = rest;
        Ok(*chunk)
    }

    fn length(&mut self) -> Result<usize, &'static str> {
        let length = u32::from_le_bytes(self.chunk()?);
        usize::try_from(length).map_err(|_| "it is cut short")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response() -> Response<Body> {
        Response::builder()
            .status(201)
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .header("x-bytes", &b"\xfc"[..])
            .body(Body::from("tea"))
            .unwrap()
    }

    fn written(response: &Response<Body>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(response, &mut bytes);
        bytes
    }

    #[test]
    fn a_response_is_read_as_it_was_written() {
        let read = read(&written(&response())).unwrap();
        assert_eq!(read.status(), 201);
        assert_eq!(read.headers(), response().headers());
        assert_eq!(read.body().as_bytes(), b"tea");
    }

    #[test]
    fn what_is_cut_short_is_told() {
        let bytes = written(&response());
        for cut in 0..bytes.len() - "tea".len() {
            assert_eq!(read(&bytes[..cut]).unwrap_err(), "it is cut short");
        }
    }

    #[test]
    fn garbled_bytes_are_an_error_or_another_response_and_no_panic() {
        let mut random = fastrand::Rng::with_seed(5);
        let bytes = written(&response());
        let (mut read_well, mut refused) = (0, 0);
        for _ in 0..50_000 {
            let mut garbled = bytes.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..garbled.len());
                garbled[at] = random.u8(..);
            }
            match read(&garbled) {
                Ok(response) => {
                    assert_eq!(
                        read(&written(&response)).unwrap().headers(),
                        response.headers()
                    );
                    read_well += 1;
                }
                Err(_) => refused += 1,
            }
        }
        assert!(read_well > 100 && refused > 100, "{read_well} {refused}");
    }
}
