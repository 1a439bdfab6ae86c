//! Asks a target the cases.

use fastedge::http::Uri;
use http::Request;

use crate::case::{Case, Need, Proof, all};
use crate::check::Stop;
use crate::outside::Conversation;
use crate::probe::{About, Answer, RUN_HEADER};
use crate::profile::Profile;
use crate::report::{CaseReport, Outcome, Report};
use crate::target::{Abilities, Target};

/// Asks a target the cases that are chosen, one after the other, and answers what became of each.
pub fn run(
    target: &mut dyn Target,
    profile: &Profile,
    mut is_chosen: impl FnMut(&Case) -> bool,
) -> Report {
    let mut report = Report::default();
    let about = about(target);
    for case in all().filter(|case| is_chosen(case)) {
        let found = match &about {
            Ok(about) => ask(target, case, about),
            Err(why) => Err(Stop::Failed(why.clone())),
        };
        report.cases.push(CaseReport {
            name: case.name,
            clauses: case.clauses,
            helpers: case.helpers,
            outcome: judge(case, profile, found),
        });
    }
    report
}

/// What the probe says of itself.
fn about(target: &mut dyn Target) -> Result<About, String> {
    let response = target.send(request("/about")?)?;
    serde_json::from_slice(response.body()).map_err(|_| {
        format!(
            "the target does not serve the probe: GET /about is answered with status {}",
            response.status()
        )
    })
}

fn request(path: &str) -> Result<Request<Vec<u8>>, String> {
    let uri: Uri = path.parse().map_err(|_| format!("{path} is no path"))?;
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = uri;
    Ok(request)
}

/// What a case has found: where that is left to the host, its choice.
type Found = Result<Option<String>, Stop>;

fn ask(target: &mut dyn Target, case: &Case, about: &About) -> Found {
    let abilities = target.abilities();
    if let Some(missing) = case
        .needs
        .iter()
        .find_map(|need| missing(*need, &abilities, about))
    {
        return Err(Stop::skipped(missing));
    }
    match case.proof {
        Proof::Inside(_) => ask_inside(target, case, about),
        Proof::Outside(proof) => {
            let seen = proof(&mut Conversation::new(target, case, about))?;
            Ok(seen.into_choice())
        }
    }
}

fn ask_inside(target: &mut dyn Target, case: &Case, about: &About) -> Found {
    if !about.cases.iter().any(|name| name == case.name) {
        return Err(Stop::skipped("the probe does not have this case"));
    }
    let mut request = request(&format!("/case/{}", case.name)).map_err(Stop::Failed)?;
    let run = about.run.parse().map_err(Stop::failed)?;
    request.headers_mut().insert(RUN_HEADER, run);
    if let Some(upstream) = target.abilities().upstream {
        *request.body_mut() = upstream.into_bytes();
    }
    let response = target.send(request).map_err(Stop::Failed)?;
    match serde_json::from_slice::<Answer>(response.body()) {
        Ok(Answer::Passed(choice)) => Ok(choice),
        Ok(Answer::Failed(why)) => Err(Stop::Failed(why)),
        Ok(Answer::Skipped(why)) => Err(Stop::Skipped(why)),
        Err(_) => Err(Stop::failed(format!(
            "the probe has not come to an end: status {}, {}",
            response.status(),
            crate::check::shown(&String::from_utf8_lossy(response.body()))
        ))),
    }
}

/// What a target has not, if it has not what is needed.
fn missing(need: Need, abilities: &Abilities, about: &About) -> Option<String> {
    let (is_there, what) = match need {
        Need::Component => (abilities.component, "a component"),
        Need::Kind(kind) => {
            let is_there = about.kind == kind;
            return (!is_there).then(|| format!("for {kind} apps"));
        }
        Need::Time(time) => {
            let is_there = abilities.simulated_time || time <= abilities.patience;
            return (!is_there).then(|| format!("takes {} s", time.as_secs()));
        }
        Need::SimulatedTime => (abilities.simulated_time, "time that passes on demand"),
        Need::RealTime => (!abilities.simulated_time, "time that passes by itself"),
        Need::Writes => (abilities.writes, "a store that can be written"),
        Need::Locations => (abilities.locations, "more than one location"),
        Need::OwnCache => (abilities.own_cache, "a cache that may be purged"),
        Need::Api => (abilities.api, "the platform's API"),
        Need::Limits => (abilities.limits, "limits that may be exceeded"),
        Need::RawHttp => (abilities.raw_http, "requests of any form"),
        Need::Upstream => (abilities.upstream.is_some(), "an upstream"),
    };
    (!is_there).then(|| format!("needs {what}"))
}

/// Whether what was seen is what the profile says.
fn judge(case: &Case, profile: &Profile, found: Found) -> Outcome {
    match found {
        Ok(choice) => match (choice, profile.choice(case.name)) {
            (Some(choice), Some(wanted)) if wanted != choice => Outcome::Failed {
                why: format!("{choice:?}, where this host is expected to do {wanted:?}"),
            },
            (choice, _) => Outcome::Passed { choice },
        },
        Err(Stop::Failed(why)) => Outcome::Failed { why },
        Err(Stop::Skipped(why)) => Outcome::Skipped { why },
    }
}
