//! What the internet may reach: all products, all regions, at the same time.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all, join5};
use jiff::Timestamp;

use super::databases::Offered;
use super::network::{Network, Room};
use super::{Progress, access_groups, apis, balancers, clusters, databases, functions, log_projects};
use super::{network, own_keys, regions, repositories, roles, storage, texts};
use crate::openapi::{Api, Session};
use crate::snapshot::{
    AccessGroup, AccessList, Cluster, Coverage, Database, Function, GatewayApi, Listed, LoadBalancer,
    LogProject, Repository, Resources, Snapshot, TextSource,
};

/// Everything that [`exposure`] calls, by the room that calls it: for the generated permissions.
pub const EXPOSURE_NEEDS: &[&[Api]] = &[
    regions::REGIONS_NEED,
    network::NETWORK_NEEDS,
    balancers::BALANCERS_NEED,
    databases::DATABASES_NEED,
    clusters::CLUSTERS_NEED,
    repositories::REPOSITORIES_NEED,
    access_groups::ACCESS_GROUPS_NEED,
    apis::APIS_NEED,
    functions::FUNCTIONS_NEED,
    log_projects::LOG_PROJECTS_NEED,
    texts::TEXTS_NEED,
    storage::STORAGE_NEEDS,
    roles::ROLES_NEED,
    own_keys::OWN_KEYS_NEED,
];

/// What is to be read.
#[derive(Debug, Clone, Default)]
pub struct Extent {
    /// Only these regions; all of them when there are none. What has no region is read all the same.
    pub regions: BTreeSet<String>,
    /// How many objects of a bucket are looked at for an ACL of their own.
    pub object_sample: u32,
}

/// What was read in one region.
struct Region {
    network: Network,
    balancers: (Listed<LoadBalancer>, Listed<AccessList>),
    databases: Listed<Database>,
    clusters: Listed<Cluster>,
    repositories: Listed<Repository>,
    access_groups: Listed<AccessGroup>,
    apis: Listed<GatewayApi>,
    functions: (Listed<Function>, Listed<TextSource>),
    log_projects: Listed<LogProject>,
    texts: Listed<TextSource>,
}

/// Reads it. What cannot be read is unread in its place; nothing stops the rest.
pub async fn exposure(
    session: &Session,
    account_id: &str,
    taken_at: Timestamp,
    extent: &Extent,
    progress: &Progress,
) -> Snapshot {
    let session = &session.counted_anew();
    progress.watch(session);
    let everywhere = join(progress.of("storage", storage::storage(session, extent.object_sample)), async {
        progress.of("roles", roles::roles(session)).await
    });
    let by_region = async {
        let (listed, offered) =
            join(regions_of(session, extent), progress.of("regions", databases::offered(session))).await;
        let room = Room::default();
        let each =
            listed.rows.iter().map(|name| region(session, name, account_id, &offered, &room, progress));
        let parts = join_all(each).await;
        (listed, offered, parts)
    };
    let ((storage, roles), (listed, offered, parts)) = join(everywhere, by_region).await;

    let mut resources = Resources::none();
    parts.into_iter().for_each(|part| add(&mut resources, part));
    (resources.public_access_block, resources.buckets) = storage;
    resources.roles = roles;
    if !extent.regions.is_empty() {
        resources.buckets.rows.retain(|bucket| extent.regions.contains(&bucket.region));
    }
    // A region that is not known of may hold anything.
    listed.unread.iter().for_each(|why| resources.unread_in_regions(why));
    resources.own_key_ids = match names_a_key(&resources.texts) {
        true => progress.of("keys", own_keys::own_key_ids(session)).await,
        false => Listed::default(),
    };

    let mut coverage = Coverage { regions: listed.rows.into_iter().collect(), ..Coverage::default() };
    resources.count(&mut coverage);
    offered.unread().iter().for_each(|why| coverage.miss(why.clone()));
    coverage.calls = session.sent();
    coverage.retries = session.sent_again();
    Snapshot { resources, coverage, ..Snapshot::unasked(taken_at, account_id) }
}

async fn regions_of(session: &Session, extent: &Extent) -> Listed<String> {
    if extent.regions.is_empty() {
        return regions::regions(session).await;
    }
    Listed::whole(extent.regions.iter().cloned().collect())
}

async fn region(
    session: &Session,
    name: &str,
    account_id: &str,
    offered: &Offered,
    room: &Room,
    progress: &Progress,
) -> Region {
    let session = &session.in_region(name);
    let network_and_texts = async {
        let network = progress.of("network", network::network(session, room)).await;
        let texts = progress.of("texts", texts::texts(session, account_id, &network.instances)).await;
        (network, texts)
    };
    let doors = join5(
        progress.of("clusters", clusters::clusters(session)),
        progress.of("images", repositories::repositories(session)),
        progress.of("shares", access_groups::access_groups(session)),
        progress.of("apis", apis::apis(session)),
        progress.of("functions", functions::functions(session, account_id)),
    );
    let ((network, texts), balancers, databases, log_projects, doors) = join5(
        network_and_texts,
        progress.of("balancers", balancers::balancers(session)),
        progress.of("databases", databases::databases(session, offered)),
        progress.of("logs", log_projects::log_projects(session)),
        doors,
    )
    .await;
    let (clusters, repositories, access_groups, apis, functions) = doors;
    Region {
        network,
        balancers,
        databases,
        clusters,
        repositories,
        access_groups,
        apis,
        functions,
        log_projects,
        texts,
    }
}

fn add(all: &mut Resources, part: Region) {
    let network = part.network;
    all.security_groups.append(network.security_groups);
    all.prefix_lists.append(network.prefix_lists);
    all.port_lists.append(network.port_lists);
    all.instances.append(network.instances);
    all.interfaces.append(network.interfaces);
    all.eips.append(network.eips);
    all.dnat.append(network.dnat);
    all.ipv6_addresses.append(network.ipv6_addresses);
    all.network_acls.append(network.network_acls);
    all.images.append(network.images);
    all.load_balancers.append(part.balancers.0);
    all.access_lists.append(part.balancers.1);
    all.databases.append(part.databases);
    all.clusters.append(part.clusters);
    all.repositories.append(part.repositories);
    all.access_groups.append(part.access_groups);
    all.apis.append(part.apis);
    all.functions.append(part.functions.0);
    all.texts.append(part.functions.1);
    all.log_projects.append(part.log_projects);
    all.texts.append(part.texts);
}

/// Whether a text names an access key at all: only then does it matter which are the account's own.
fn names_a_key(texts: &Listed<TextSource>) -> bool {
    let names =
        |text: &TextSource| text.hits.known().is_some_and(|hits| hits.iter().any(|hit| hit.key_id.is_some()));
    texts.rows.iter().any(names)
}
