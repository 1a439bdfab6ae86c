//! Rules for addresses.

use std::net::IpAddr;

use fastedge::blocklist::canonical;
use fastedge::blocklist::format::{Kind, SALT_BYTES};
use ipnet::IpNet;

use super::tags;
use crate::action::{Action, Effect};
use crate::encode::{INLINE_BYTES, Ipv4, Ipv6, Layer, Payloads, cut};
use crate::error::{PackError, RuleError};
use crate::packed::Packed;
use crate::resolve::addresses::{Network, networks_of, ranges, sort};

/// Rules for an [`IpList`](fastedge::blocklist::IpList): see the [crate](crate) for an example.
///
/// Networks are made canonical: host bits are masked, and IPv4 that comes as IPv6 (within `::ffff:0:0/96`) is IPv4. Larger
/// networks of IPv6 say nothing about IPv4: `::/0` is all of IPv6. A range counts as the networks
/// that it consists of.
#[derive(Clone, Debug, Default)]
pub struct AddressRules {
    v4: Vec<Network<u32>>,
    v6: Vec<Network<u128>>,
}

impl AddressRules {
    /// No rules.
    pub fn new() -> Self {
        AddressRules::default()
    }

    /// A rule for an address (`192.0.2.1`), a network (`192.0.2.0/24`) or a range (`192.0.2.1-192.0.2.9`).
    ///
    /// # Errors
    ///
    /// [`RuleError::Address`] for what is none of these.
    pub fn add(&mut self, addresses: &str, action: Action) -> Result<(), RuleError> {
        self.add_effect(addresses, action.into())
    }

    /// A rule for a network, or an address.
    pub fn add_network(&mut self, network: impl Into<IpNet>, action: Action) {
        self.add_network_effect(network.into(), action.into());
    }

    pub(crate) fn add_effect(&mut self, addresses: &str, effect: Effect) -> Result<(), RuleError> {
        let no = || RuleError::Address(addresses.to_owned());
        if let Some((first, last)) = addresses.split_once('-') {
            let parse = |text: &str| {
                text.trim()
                    .parse()
                    .map(canonical::address)
                    .map_err(|_| no())
            };
            return match (parse(first)?, parse(last)?) {
                (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
                    networks_of(first.to_bits(), last.to_bits(), |first, prefix| {
                        self.v4.push(Network {
                            first,
                            prefix,
                            effect,
                        });
                    });
                    Ok(())
                }
                (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                    networks_of(first.to_bits(), last.to_bits(), |first, prefix| {
                        self.v6.push(Network {
                            first,
                            prefix,
                            effect,
                        });
                    });
                    Ok(())
                }
                _ => Err(no()),
            };
        }
        let network = match addresses.contains('/') {
            true => addresses.parse().map_err(|_| no())?,
            false => IpNet::from(addresses.parse::<IpAddr>().map_err(|_| no())?),
        };
        self.add_network_effect(network, effect);
        Ok(())
    }

    fn add_network_effect(&mut self, network: IpNet, effect: Effect) {
        match network.trunc() {
            IpNet::V4(network) => self.v4.push(Network {
                first: network.network().to_bits(),
                prefix: network.prefix_len(),
                effect,
            }),
            IpNet::V6(network) => {
                match (network.network().to_ipv4_mapped(), network.prefix_len()) {
                    (Some(mapped), prefix @ 96..) => self.v4.push(Network {
                        first: mapped.to_bits(),
                        prefix: prefix - 96,
                        effect,
                    }),
                    (_, prefix) => self.v6.push(Network {
                        first: network.network().to_bits(),
                        prefix,
                        effect,
                    }),
                }
            }
        }
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// [`PackError::TooLarge`].
    pub fn pack(self) -> Result<Packed, PackError> {
        let v4 = self.v4.iter().map(|network| network.effect);
        let v6 = self.v6.iter().map(|network| network.effect);
        let payloads = tags(v4.chain(v6));
        self.pack_with(&payloads)
    }

    /// Networks with two values.
    pub(crate) fn contradiction(&mut self) -> Option<(String, Effect, Effect)> {
        sort(&mut self.v4);
        sort(&mut self.v6);
        let of_v4 = contradiction(&self.v4).map(|(first, prefix, one, other)| {
            (
                format!("{}/{prefix}", std::net::Ipv4Addr::from_bits(first)),
                one,
                other,
            )
        });
        of_v4.or_else(|| {
            contradiction(&self.v6).map(|(first, prefix, one, other)| {
                (
                    format!("{}/{prefix}", std::net::Ipv6Addr::from_bits(first)),
                    one,
                    other,
                )
            })
        })
    }

    pub(crate) fn pack_with(mut self, payloads: &Payloads) -> Result<Packed, PackError> {
        sort(&mut self.v4);
        sort(&mut self.v6);
        let mut layers = [
            self.ipv4(payloads, INLINE_BYTES),
            self.ipv6(payloads, INLINE_BYTES),
        ];
        let bodies = layers.iter().flat_map(|layer| &layer.bodies);
        if bodies.map(|body| body.bytes.len()).sum::<usize>() > INLINE_BYTES {
            // What would have been one value alone is not, beside the other.
            let [v4, v6] = &mut layers;
            if v4.bodies.len() == 1 {
                *v4 = self.ipv4(payloads, 0);
            }
            if v6.bodies.len() == 1 {
                *v6 = self.ipv6(payloads, 0);
            }
        }
        drop(self);
        let layers = layers.into();
        Packed::of(Kind::Addresses, payloads.kind(), [0; SALT_BYTES], layers)
    }

    fn ipv4(&self, payloads: &Payloads, inline: usize) -> Layer {
        cut(&mut Ipv4::new(payloads), inline, |each| {
            ranges(&self.v4, |first, last, payload| {
                Ipv4::pieces(first, last, payload, &mut *each);
            });
        })
    }

    fn ipv6(&self, payloads: &Payloads, inline: usize) -> Layer {
        cut(&mut Ipv6::new(payloads), inline, |each| {
            ranges(&self.v6, |first, last, payload| {
                networks_of(first, last, |first, prefix| each((first, prefix, payload)));
            });
        })
    }
}

/// The first network that has two effects, of sorted ones.
fn contradiction<N: Copy + PartialEq>(networks: &[Network<N>]) -> Option<(N, u8, Effect, Effect)> {
    networks.windows(2).find_map(|pair| match pair {
        [one, other] if (one.first, one.prefix) == (other.first, other.prefix) => (one.effect
            != other.effect)
            .then_some((one.first, one.prefix, one.effect, other.effect)),
        _ => None,
    })
}
