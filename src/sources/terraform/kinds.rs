//! The types of Terraform that say something about a network, and what each becomes in Azure.

/// What a resource of Terraform is to Azure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// A resource of this type.
    Resource(&'static str),
    /// A resource whose type and body are written as for Azure itself.
    Azapi,
    /// A change of a resource, written as for Azure itself.
    Patch,
    /// A network security group on a subnet, a route table on a subnet, a group on an interface.
    SubnetGroup,
    SubnetRoutes,
    InterfaceGroup,
    /// An interface in an application security group.
    InterfaceMember,
    /// An interface behind a load balancer: in a pool, or behind a rule.
    InterfacePool,
    InterfaceRule,
    /// A private endpoint in an application security group.
    EndpointMember,
    /// DNS servers of a virtual network.
    DnsServers,
    /// Host names of an API Management instance.
    CustomDomain,
    /// A deployment of an ARM template that stands as text in this attribute.
    Template(&'static str),
}

pub(super) const GROUP: &str = "Microsoft.Network/networkSecurityGroups";
pub(super) const RULE: &str = "Microsoft.Network/networkSecurityGroups/securityRules";
pub(super) const NETWORK: &str = "Microsoft.Network/virtualNetworks";
pub(super) const SUBNET: &str = "Microsoft.Network/virtualNetworks/subnets";
pub(super) const PEERING: &str = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings";
pub(super) const ROUTES: &str = "Microsoft.Network/routeTables";
pub(super) const ROUTE: &str = "Microsoft.Network/routeTables/routes";
pub(super) const INTERFACE: &str = "Microsoft.Network/networkInterfaces";
pub(super) const MEMBERS: &str = "Microsoft.Network/applicationSecurityGroups";
pub(super) const ENDPOINT: &str = "Microsoft.Network/privateEndpoints";
pub(super) const SITE_GATEWAY: &str = "Microsoft.Network/virtualNetworkGateways";
pub(super) const LOCAL_NETWORK: &str = "Microsoft.Network/localNetworkGateways";
pub(super) const CONNECTION: &str = "Microsoft.Network/connections";
pub(super) const BALANCER: &str = "Microsoft.Network/loadBalancers";
pub(super) const POOL: &str = "Microsoft.Network/loadBalancers/backendAddressPools";
pub(super) const BALANCER_RULE: &str = "Microsoft.Network/loadBalancers/inboundNatRules";
pub(super) const PUBLIC_ADDRESS: &str = "Microsoft.Network/publicIPAddresses";
pub(super) const SERVICE: &str = "Microsoft.ApiManagement/service";
pub(super) const GATEWAY: &str = "Microsoft.ApiManagement/gateways";
pub(super) const NAMED_VALUE: &str = "Microsoft.ApiManagement/service/namedValues";
pub(super) const CERTIFICATE: &str = "Microsoft.ApiManagement/service/certificates";
pub(super) const LOGGER: &str = "Microsoft.ApiManagement/service/loggers";
pub(super) const IDENTITY: &str = "Microsoft.ApiManagement/service/identityProviders";
pub(super) const RESOURCE_GROUP: &str = "Microsoft.Resources/resourceGroups";

const ROLES: &[(&str, Role)] = &[
    ("azurerm_network_security_group", Role::Resource(GROUP)),
    ("azurerm_network_security_rule", Role::Resource(RULE)),
    ("azurerm_virtual_network", Role::Resource(NETWORK)),
    ("azurerm_subnet", Role::Resource(SUBNET)),
    ("azurerm_virtual_network_peering", Role::Resource(PEERING)),
    ("azurerm_route_table", Role::Resource(ROUTES)),
    ("azurerm_route", Role::Resource(ROUTE)),
    ("azurerm_network_interface", Role::Resource(INTERFACE)),
    ("azurerm_application_security_group", Role::Resource(MEMBERS)),
    ("azurerm_private_endpoint", Role::Resource(ENDPOINT)),
    ("azurerm_virtual_network_gateway", Role::Resource(SITE_GATEWAY)),
    ("azurerm_local_network_gateway", Role::Resource(LOCAL_NETWORK)),
    ("azurerm_virtual_network_gateway_connection", Role::Resource(CONNECTION)),
    ("azurerm_lb", Role::Resource(BALANCER)),
    ("azurerm_lb_backend_address_pool", Role::Resource(POOL)),
    ("azurerm_lb_nat_rule", Role::Resource(BALANCER_RULE)),
    ("azurerm_public_ip", Role::Resource(PUBLIC_ADDRESS)),
    ("azurerm_api_management", Role::Resource(SERVICE)),
    ("azurerm_api_management_standalone_gateway", Role::Resource(GATEWAY)),
    ("azurerm_api_management_named_value", Role::Resource(NAMED_VALUE)),
    ("azurerm_api_management_certificate", Role::Resource(CERTIFICATE)),
    ("azurerm_api_management_logger", Role::Resource(LOGGER)),
    ("azurerm_api_management_identity_provider_aad", Role::Resource(IDENTITY)),
    ("azurerm_resource_group", Role::Resource(RESOURCE_GROUP)),
    ("azurerm_subnet_network_security_group_association", Role::SubnetGroup),
    ("azurerm_subnet_route_table_association", Role::SubnetRoutes),
    ("azurerm_network_interface_security_group_association", Role::InterfaceGroup),
    ("azurerm_network_interface_application_security_group_association", Role::InterfaceMember),
    ("azurerm_network_interface_backend_address_pool_association", Role::InterfacePool),
    ("azurerm_network_interface_nat_rule_association", Role::InterfaceRule),
    ("azurerm_private_endpoint_application_security_group_association", Role::EndpointMember),
    ("azurerm_virtual_network_dns_servers", Role::DnsServers),
    ("azurerm_api_management_custom_domain", Role::CustomDomain),
    ("azurerm_template_deployment", Role::Template("template_body")),
    ("azurerm_resource_group_template_deployment", Role::Template("template_content")),
    ("azurerm_subscription_template_deployment", Role::Template("template_content")),
    ("azurerm_management_group_template_deployment", Role::Template("template_content")),
    ("azurerm_tenant_template_deployment", Role::Template("template_content")),
    ("azapi_resource", Role::Azapi),
    ("azapi_update_resource", Role::Patch),
];

/// What a type is to Azure; `None` where it says nothing about a network.
pub(super) fn role(kind: &str) -> Option<Role> {
    ROLES.iter().find(|(name, _)| *name == kind).map(|(_, role)| *role)
}

/// Whether a type is one of Azure's at all.
pub(super) fn is_azure(kind: &str) -> bool {
    kind.starts_with("azurerm_") || kind.starts_with("azapi_")
}

/// One of Azure's types as it is spelled here, since types are compared without regard to case.
pub(super) fn usual_spelling(kind: &str) -> Option<&'static str> {
    ROLES.iter().find_map(|(_, role)| match role {
        Role::Resource(usual) if usual.eq_ignore_ascii_case(kind) => Some(*usual),
        _ => None,
    })
}
