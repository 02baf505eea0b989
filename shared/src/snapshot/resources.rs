//! The resources of an account that the internet may reach, and the places where secrets are left lying.

use serde::{Deserialize, Serialize};

use super::{
    AccessGroup, AccessList, Bucket, Cluster, Coverage, Database, Dnat, Eip, Function, GatewayApi, Image,
    Instance, Interface, Ipv6Address, Listed, LoadBalancer, LogProject, NetworkAcl, PortList, PrefixList,
    Read, Repository, Role, SecurityGroup, TextSource, Unread,
};

/// What was read of the resources, over all regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Security groups with their inbound rules.
    pub security_groups: Listed<SecurityGroup>,
    /// The prefix lists that their rules name.
    pub prefix_lists: Listed<PrefixList>,
    /// The port lists that their rules name.
    pub port_lists: Listed<PortList>,
    /// ECS instances.
    pub instances: Listed<Instance>,
    /// Network interfaces.
    pub interfaces: Listed<Interface>,
    /// Elastic IP addresses.
    pub eips: Listed<Eip>,
    /// DNAT entries of internet NAT gateways.
    pub dnat: Listed<Dnat>,
    /// IPv6 addresses and whether the internet reaches them.
    pub ipv6_addresses: Listed<Ipv6Address>,
    /// Network ACLs.
    pub network_acls: Listed<NetworkAcl>,
    /// Load balancers with their listeners and backends.
    pub load_balancers: Listed<LoadBalancer>,
    /// The access lists of load balancers.
    pub access_lists: Listed<AccessList>,
    /// Custom images.
    pub images: Listed<Image>,
    /// OSS: whether the account blocks public access (GetPublicAccessBlock).
    pub public_access_block: Read<bool>,
    /// OSS buckets.
    pub buckets: Listed<Bucket>,
    /// Databases of all products.
    pub databases: Listed<Database>,
    /// Kubernetes clusters.
    pub clusters: Listed<Cluster>,
    /// Functions and their HTTP triggers.
    pub functions: Listed<Function>,
    /// Image repositories.
    pub repositories: Listed<Repository>,
    /// NAS permission groups.
    pub access_groups: Listed<AccessGroup>,
    /// API Gateway APIs.
    pub apis: Listed<GatewayApi>,
    /// Log projects and their policies.
    pub log_projects: Listed<LogProject>,
    /// RAM roles and whom they trust.
    pub roles: Listed<Role>,
    /// Texts in which secrets were looked for.
    pub texts: Listed<TextSource>,
    /// The ids of the account's own access keys; read only where a text names a key at all.
    pub own_key_ids: Listed<String>,
}

impl Resources {
    /// Counts what was read of them, and what was not.
    pub fn count(&self, coverage: &mut Coverage) {
        let c = coverage;
        c.list(&self.security_groups);
        self.security_groups.rows.iter().for_each(|group| c.list(&group.rules));
        c.list(&self.prefix_lists);
        self.prefix_lists.rows.iter().for_each(|list| c.count(&list.entries));
        c.list(&self.port_lists);
        self.port_lists.rows.iter().for_each(|list| c.count(&list.entries));
        c.list(&self.instances);
        c.list(&self.interfaces);
        c.list(&self.eips);
        c.list(&self.dnat);
        c.list(&self.ipv6_addresses);
        c.list(&self.network_acls);
        for acl in &self.network_acls.rows {
            c.list(&acl.ingress);
            c.list(&acl.egress);
        }
        c.list(&self.load_balancers);
        for balancer in &self.load_balancers.rows {
            c.list(&balancer.listeners);
            for listener in &balancer.listeners.rows {
                c.count(&listener.access);
                c.count(&listener.backends);
            }
        }
        c.list(&self.access_lists);
        self.access_lists.rows.iter().for_each(|list| c.count(&list.entries));
        c.list(&self.images);
        self.images.rows.iter().for_each(|image| c.count(&image.shared_with));
        c.count(&self.public_access_block);
        c.list(&self.buckets);
        for bucket in &self.buckets.rows {
            c.count(&bucket.tags);
            c.count(&bucket.acl);
            c.count(&bucket.public_access_block);
            c.count(&bucket.policy);
            c.count(&bucket.policy_is_public);
            c.count(&bucket.website);
            c.count(&bucket.versioning);
            c.count(&bucket.logging);
            c.count(&bucket.encryption);
            c.count(&bucket.tls_versions);
            c.count(&bucket.sample);
        }
        c.list(&self.databases);
        for database in &self.databases.rows {
            c.list(&database.endpoints);
            c.list(&database.whitelists);
            c.count(&database.security_groups);
            c.count(&database.tls);
            c.count(&database.audit);
        }
        c.list(&self.clusters);
        self.clusters.rows.iter().for_each(|cluster| c.count(&cluster.public_api));
        c.list(&self.functions);
        self.functions.rows.iter().for_each(|function| c.count(&function.http_triggers));
        c.list(&self.repositories);
        self.repositories.rows.iter().for_each(|repository| c.count(&repository.endpoint));
        c.list(&self.access_groups);
        for group in &self.access_groups.rows {
            c.list(&group.rules);
            c.count(&group.mount_targets);
        }
        c.list(&self.apis);
        for api in &self.apis.rows {
            c.count(&api.anonymous);
            c.count(&api.reachable);
        }
        c.list(&self.log_projects);
        self.log_projects.rows.iter().for_each(|project| c.count(&project.policy));
        c.list(&self.roles);
        self.roles.rows.iter().for_each(|role| c.count(&role.trust));
        c.list(&self.texts);
        self.texts.rows.iter().for_each(|text| c.count(&text.hits));
        c.list(&self.own_key_ids);
    }

    /// Of none of them is anything known to be there: what a collector fills in, part by part.
    pub fn none() -> Self {
        Self {
            security_groups: Listed::default(),
            prefix_lists: Listed::default(),
            port_lists: Listed::default(),
            instances: Listed::default(),
            interfaces: Listed::default(),
            eips: Listed::default(),
            dnat: Listed::default(),
            ipv6_addresses: Listed::default(),
            network_acls: Listed::default(),
            load_balancers: Listed::default(),
            access_lists: Listed::default(),
            images: Listed::default(),
            public_access_block: Read::Unread(Unread::unasked()),
            buckets: Listed::default(),
            databases: Listed::default(),
            clusters: Listed::default(),
            functions: Listed::default(),
            repositories: Listed::default(),
            access_groups: Listed::default(),
            apis: Listed::default(),
            log_projects: Listed::default(),
            roles: Listed::default(),
            texts: Listed::default(),
            own_key_ids: Listed::default(),
        }
    }

    /// Nobody has asked for any.
    pub fn unasked() -> Self {
        let mut resources = Self::none();
        resources.unread_in_regions(&Unread::unasked());
        for list in
            [&mut resources.buckets.unread, &mut resources.roles.unread, &mut resources.own_key_ids.unread]
        {
            list.push(Unread::unasked());
        }
        resources
    }

    /// Every list of what regions hold may have more, for this reason.
    pub fn unread_in_regions(&mut self, why: &Unread) {
        let lists = [
            &mut self.security_groups.unread,
            &mut self.prefix_lists.unread,
            &mut self.port_lists.unread,
            &mut self.instances.unread,
            &mut self.interfaces.unread,
            &mut self.eips.unread,
            &mut self.dnat.unread,
            &mut self.ipv6_addresses.unread,
            &mut self.network_acls.unread,
            &mut self.load_balancers.unread,
            &mut self.access_lists.unread,
            &mut self.images.unread,
            &mut self.databases.unread,
            &mut self.clusters.unread,
            &mut self.functions.unread,
            &mut self.repositories.unread,
            &mut self.access_groups.unread,
            &mut self.apis.unread,
            &mut self.log_projects.unread,
            &mut self.texts.unread,
        ];
        lists.into_iter().for_each(|list| list.push(why.clone()));
    }
}
