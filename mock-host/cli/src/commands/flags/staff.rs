//! `flags override`: overrides for staff.

use std::time::{Duration, SystemTime};

use clap::Args;
use fastedge::flags::{Overrides, StaffOverrides};

use super::{Error, Out};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Flags and the variants that they have: `new-checkout=on`.
    #[arg(required = true, value_name = "FLAG=VARIANT")]
    variants: Vec<String>,

    /// The app's secret.
    #[arg(long, env = "FASTEDGE_FLAGS_SECRET", hide_env_values = true)]
    secret: String,

    /// For how many hours they hold.
    #[arg(long, default_value_t = 8)]
    hours: u32,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let mut overrides = Overrides::new();
        for pair in &self.variants {
            let (flag, variant) = pair
                .split_once('=')
                .ok_or_else(|| format!("`{pair}` is not FLAG=VARIANT"))?;
            overrides = overrides.variant(flag, variant);
        }
        let lifetime = Duration::from_secs(u64::from(self.hours) * 60 * 60);
        let signed = StaffOverrides::sign(&overrides, &self.secret, SystemTime::now() + lifetime)?;
        let mut out = Out::new();
        out.line(&format!("{}: {signed}", StaffOverrides::HEADER))?;
        out.line(&format!("cookie: {}={signed}", StaffOverrides::COOKIE))
    }
}
