//! What kind of device somebody uses.

use ::http::header::{HeaderMap, USER_AGENT};

use super::request::text_of;

/// What kind of device a request is from, as far as it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Device {
    /// A program that says so: a crawler, a link preview, a monitor.
    Bot,
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// Anything else.
    Desktop,
}

/// The maker of phones that are no bots.
const CUBOT: &str = "cubot";

impl Device {
    /// By `User-Agent`, and by the client hint `Sec-CH-UA-Mobile` where a browser sends it. `None` without
    /// both. Some tablets pass for desktops, by intention of their makers.
    ///
    /// ```
    /// use fastedge::flags::Device;
    /// use fastedge::http::HeaderMap;
    ///
    /// let mut headers = HeaderMap::new();
    /// assert_eq!(Device::of(&headers), None);
    /// headers.insert("user-agent", "Mozilla/5.0 (Linux; Android 14; SM-X710) Safari/537.36".parse()?);
    /// assert_eq!(Device::of(&headers), Some(Device::Tablet));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let agent = text_of(headers, USER_AGENT).unwrap_or_default();
        let says = |words: &[&str]| {
            words.iter().any(|word| {
                let mut windows = agent.as_bytes().windows(word.len());
                windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
            })
        };
        let hint = text_of(headers, "sec-ch-ua-mobile");
        // In this order: Android's tablets are those that do not say "Mobile".
        let is_bot = || {
            agent
                .to_ascii_lowercase()
                .replace(CUBOT, "")
                .contains("bot")
        };
        if says(&["bot"]) && is_bot() || says(&["crawl", "spider", "slurp", "preview", "headless"])
        {
            Some(Device::Bot)
        } else if says(&["ipad", "tablet", "kindle", "silk/", "playbook"]) {
            Some(Device::Tablet)
        } else if hint == Some("?1") || says(&["mobi", "iphone", "ipod"]) {
            Some(Device::Mobile)
        } else if says(&["android"]) {
            Some(Device::Tablet)
        } else if agent.is_empty() && hint.is_none() {
            None
        } else {
            Some(Device::Desktop)
        }
    }

    /// Its name in a context: `bot`, `mobile`, `tablet`, `desktop`.
    pub fn as_str(self) -> &'static str {
        match self {
            Device::Bot => "bot",
            Device::Mobile => "mobile",
            Device::Tablet => "tablet",
            Device::Desktop => "desktop",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_by_what_they_say() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
                Device::Mobile,
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/130.0 Mobile Safari/537.36",
                Device::Mobile,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-X710) Chrome/130.0 Safari/537.36",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E148",
                Device::Tablet,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
                Device::Desktop,
            ),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                Device::Bot,
            ),
            (
                "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/90.0 Mobile Safari/537.36",
                Device::Mobile,
            ),
            (
                "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Mobile (compatible; Googlebot/2.1)",
                Device::Bot,
            ),
            ("curl/8.5.0", Device::Desktop),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, agent.parse().unwrap());
            assert_eq!(Device::of(&headers), Some(expected), "{agent}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("sec-ch-ua-mobile", "?1".parse().unwrap());
        assert_eq!(Device::of(&headers), Some(Device::Mobile));
        headers.insert(USER_AGENT, "\u{fc}".parse().unwrap());
        assert_eq!(Device::of(&headers), Some(Device::Mobile));
    }
}
