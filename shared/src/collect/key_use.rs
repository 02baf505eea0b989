//! What access keys are used for, by ActionTrail.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::unread;
use crate::cloud::actiontrail::{
    CENTRAL_REGIONS, GetAccessKeyLastUsedEvents, GetAccessKeyLastUsedInfo, GetAccessKeyLastUsedIps,
    GetAccessKeyLastUsedProducts,
};
use crate::openapi::{Action, Api, Error, Session};
use crate::snapshot::{KeyUse, Read, ServiceUse};

/// What [`key_use`] calls: for the generated permissions.
pub const KEY_USE_NEEDS: &[Api] = &[
    <GetAccessKeyLastUsedInfo<'_> as Action>::API,
    <GetAccessKeyLastUsedProducts<'_> as Action>::API,
    <GetAccessKeyLastUsedEvents as Action>::API,
    <GetAccessKeyLastUsedIps as Action>::API,
];

/// Services that are looked at closely: each costs two calls, and a message is for reading.
const SERVICES: usize = 5;

/// Reads what one key is used for. Uses are kept by region, so both central ones are asked.
pub async fn key_use(session: &Session, key: &str) -> KeyUse {
    let mut found = KeyUse { asked: true, ..KeyUse::default() };
    let regions = CENTRAL_REGIONS.map(|region| async move {
        let mut seen = KeyUse::default();
        let read = read_region(&session.in_region(region), key, &mut seen).await;
        (seen, read)
    });
    for (seen, read) in join_all(regions).await {
        // What was read before it broke off still counts.
        add(&mut found, seen);
        found.unread.extend(read.err().as_ref().map(unread));
    }
    found
}

/// When ActionTrail last saw a key used; `None` for never. Known only if both regions answer.
pub async fn last_seen(session: &Session, key: &str) -> Read<Option<Timestamp>> {
    let regions = CENTRAL_REGIONS.map(|region| async move {
        session.in_region(region).call(&GetAccessKeyLastUsedInfo { access_key: key }).await
    });
    let mut last = None;
    for read in join_all(regions).await {
        match read {
            Ok(info) => last = last.max(info.at()),
            Err(error) => return Read::Unread(unread(&error)),
        }
    }
    Read::Read(last)
}

async fn read_region(session: &Session, key: &str, found: &mut KeyUse) -> Result<(), Error> {
    let info = session.call(&GetAccessKeyLastUsedInfo { access_key: key }).await?;
    let Some(last) = info.at() else { return Ok(()) };
    found.last = Some(last);
    let products = session.call(&GetAccessKeyLastUsedProducts { access_key: key }).await?;
    let services = products.value.products.into_iter().filter_map(|used| used.service_name);
    for service in services.take(SERVICES) {
        let (access_key, service_name, next_token) = (key.to_owned(), service.clone(), None);
        let events = GetAccessKeyLastUsedEvents {
            access_key: access_key.clone(),
            service_name: service_name.clone(),
            next_token: next_token.clone(),
        };
        let addresses = GetAccessKeyLastUsedIps { access_key, service_name, next_token };
        let events = session.all(events).await?.into_iter().filter_map(|used| used.event_name).collect();
        let addresses = session.all(addresses).await?.into_iter().filter_map(|used| used.ip).collect();
        found.services.push(ServiceUse { service, events, addresses });
    }
    Ok(())
}

fn add(found: &mut KeyUse, seen: KeyUse) {
    found.last = found.last.max(seen.last);
    for used in seen.services {
        match found.services.iter_mut().find(|known| known.service == used.service) {
            Some(known) => {
                merge(&mut known.events, used.events);
                merge(&mut known.addresses, used.addresses);
            }
            None => found.services.push(used),
        }
    }
}

fn merge(into: &mut Vec<String>, from: Vec<String>) {
    for item in from {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}
