// network.LAN, with the methods that it has on ports with an Ethernet controller:
//
//     lan = network.LAN()
//     lan.active(True)            # starts DHCP
//     lan.isconnected()           # whether it has an address
//     lan.ipconfig(addr4="10.0.2.15/24", gw4="10.0.2.2")

#include <string.h>

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "extmod/modnetwork.h"
#include "shared/runtime/softtimer.h"
#include "lan9118.h"
#include "network_lan.h"

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "netif/ethernet.h"

#define DHCP_TIMEOUT_MS (10000)

typedef struct {
    mp_obj_base_t base;
    bool active;
    struct netif netif;
} network_lan_obj_t;

// The values of LAN.status() on other ports.
enum {
    STATUS_DOWN,
    STATUS_LINK,
    STATUS_NO_IP,
    STATUS_GOT_IP,
};

static network_lan_obj_t network_lan = { .base = { &network_lan_type } };

/******************************************************************************/
// Frames between lwIP and the controller. Both directions run under lwIP's lock.

static err_t lan_link_output(struct netif *netif, struct pbuf *p) {
    (void)netif;
    size_t len = p->tot_len - ETH_PAD_SIZE;
    if (len > LAN9118_MAX_FRAME) {
        return ERR_BUF;
    }
    const void *frame = (const uint8_t *)p->payload + ETH_PAD_SIZE;
    if (p->next != NULL) {
        static uint8_t whole[LAN9118_MAX_FRAME];
        pbuf_copy_partial(p, whole, len, ETH_PAD_SIZE);
        frame = whole;
    }
    return lan9118_send(frame, len) ? ERR_OK : ERR_IF;
}

// The longest time for which the port takes in frames without a break, in us, and the pause for the
// program after that, in ms. The break is necessary because an answer may bring the next frame at once:
// two sides with full windows can answer each other's acknowledgements without end.
#define RECEIVE_US (5000)
#define REST_MS (1)

static soft_timer_entry_t rest_timer;

static void lan_receive(void) {
    _Static_assert(ETH_PAD_SIZE == LAN9118_RX_OFFSET, "");
    _Static_assert(PBUF_POOL_BUFSIZE >= 4 * LAN9118_RX_WORDS(LAN9118_MAX_FRAME), "one pbuf for a frame");
    if (!network_lan.active) {
        return; // the interface was stopped after the interrupt
    }
    lan9118_acknowledge_interrupt();
    size_t len;
    uint32_t begin = mp_hal_ticks_us();
    while ((len = lan9118_next_frame()) != 0) {
        // Without memory the frame is lost, as it could be on the wire.
        struct pbuf *p = pbuf_alloc(PBUF_RAW, ETH_PAD_SIZE + len, PBUF_POOL);
        lan9118_take_frame(p == NULL ? NULL : p->payload, len);
        if (p != NULL && network_lan.netif.input(p, &network_lan.netif) != ERR_OK) {
            pbuf_free(p);
        }
        if (mp_hal_ticks_us() - begin > RECEIVE_US) {
            soft_timer_reinsert(&rest_timer, REST_MS);
            return;
        }
    }
    lan9118_enable_interrupt();
}

static void rested(soft_timer_entry_t *self) {
    (void)self;
    // Schedules it, because the function of a soft timer must not start a soft timer.
    pendsv_schedule_dispatch(PENDSV_LAN, lan_receive);
}

static err_t lan_netif_init(struct netif *netif) {
    netif->name[0] = 'e';
    netif->name[1] = '0';
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP;
    netif->output = etharp_output;
    netif->linkoutput = lan_link_output;
    netif->hwaddr_len = LAN9118_MAC_LEN;
    lan9118_get_mac(netif->hwaddr);
    netif_set_hostname(netif, mod_network_hostname_data);
    return ERR_OK;
}

static void lan_start(network_lan_obj_t *self) {
    if (rest_timer.c_callback == NULL) {
        soft_timer_static_init(&rest_timer, SOFT_TIMER_MODE_ONE_SHOT, 0, rested);
    }
    lan9118_set_handler(lan_receive);
    if (!lan9118_start()) {
        mp_raise_OSError(MP_ENODEV);
    }
    MICROPY_PY_LWIP_ENTER
    netif_add(&self->netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4, NULL, lan_netif_init, ethernet_input);
    netif_set_default(&self->netif);
    netif_set_up(&self->netif);
    self->active = true;
    network_lan_check_link();
    dhcp_start(&self->netif);
    lan9118_enable_interrupt();
    MICROPY_PY_LWIP_EXIT
}

static void lan_stop(network_lan_obj_t *self) {
    MICROPY_PY_LWIP_ENTER
    dhcp_release_and_stop(&self->netif);
    dhcp_cleanup(&self->netif);
    netif_remove(&self->netif);
    self->active = false;
    lan9118_stop();
    MICROPY_PY_LWIP_EXIT
}

void network_lan_check_link(void) {
    struct netif *netif = &network_lan.netif;
    if (!network_lan.active) {
        return;
    }
    bool up = lan9118_link_is_up();
    if (up && !netif_is_link_up(netif)) {
        netif_set_link_up(netif);
    } else if (!up && netif_is_link_up(netif)) {
        netif_set_link_down(netif);
    }
}

static int lan_status(network_lan_obj_t *self) {
    if (!self->active) {
        return STATUS_DOWN;
    }
    if (!lan9118_link_is_up()) {
        return STATUS_DOWN;
    }
    if (!netif_is_link_up(&self->netif)) {
        return STATUS_LINK;
    }
    return ip4_addr_isany(netif_ip4_addr(&self->netif)) ? STATUS_NO_IP : STATUS_GOT_IP;
}

/******************************************************************************/
// MicroPython's bindings.

static void network_lan_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    network_lan_obj_t *self = MP_OBJ_TO_PTR(self_in);
    const uint8_t *ip = (const uint8_t *)&self->netif.ip_addr;
    mp_printf(print, "<LAN status=%d ip=%u.%u.%u.%u>", lan_status(self), ip[0], ip[1], ip[2], ip[3]);
}

static mp_obj_t network_lan_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    if (n_args == 1 && mp_obj_get_int(args[0]) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("there is LAN(0) alone"));
    }
    mod_network_register_nic(MP_OBJ_FROM_PTR(&network_lan));
    return MP_OBJ_FROM_PTR(&network_lan);
}

static mp_obj_t network_lan_active(size_t n_args, const mp_obj_t *args) {
    network_lan_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    if (n_args == 1) {
        return mp_obj_new_bool(self->active);
    }
    bool active = mp_obj_is_true(args[1]);
    if (active && !self->active) {
        lan_start(self);
    } else if (!active && self->active) {
        lan_stop(self);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(network_lan_active_obj, 1, 2, network_lan_active);

static mp_obj_t network_lan_isconnected(mp_obj_t self_in) {
    return mp_obj_new_bool(lan_status(MP_OBJ_TO_PTR(self_in)) == STATUS_GOT_IP);
}
static MP_DEFINE_CONST_FUN_OBJ_1(network_lan_isconnected_obj, network_lan_isconnected);

static mp_obj_t network_lan_status(mp_obj_t self_in) {
    return MP_OBJ_NEW_SMALL_INT(lan_status(MP_OBJ_TO_PTR(self_in)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(network_lan_status_obj, network_lan_status);

// lwIP crashes if it gets an interface that was not added.
static void check_active(network_lan_obj_t *self) {
    if (!self->active) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("the interface is not active"));
    }
}

static void wait_for_dhcp(network_lan_obj_t *self) {
    MICROPY_PY_LWIP_ENTER
    if (dhcp_supplied_address(&self->netif)) {
        dhcp_renew(&self->netif);
    } else {
        dhcp_stop(&self->netif);
        dhcp_start(&self->netif);
    }
    MICROPY_PY_LWIP_EXIT
    uint32_t start = mp_hal_ticks_ms();
    while (!dhcp_supplied_address(&self->netif)) {
        if (mp_hal_ticks_ms() - start > DHCP_TIMEOUT_MS) {
            mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("timeout waiting for DHCP to get IP address"));
        }
        mp_event_wait_ms(1);
    }
}

static mp_obj_t network_lan_ifconfig(size_t n_args, const mp_obj_t *args) {
    network_lan_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    check_active(self);
    // MicroPython's own function waits in steps of 100 ms, without lwIP's lock.
    if (n_args == 2 && args[1] == MP_OBJ_NEW_QSTR(MP_QSTR_dhcp)) {
        wait_for_dhcp(self);
        return mp_const_none;
    }
    return mod_network_nic_ifconfig(&self->netif, n_args - 1, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(network_lan_ifconfig_obj, 1, 2, network_lan_ifconfig);

static mp_obj_t network_lan_ipconfig(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    network_lan_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    check_active(self);
    MICROPY_PY_LWIP_ENTER
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t ret = mod_network_nic_ipconfig(&self->netif, n_args - 1, args + 1, kwargs);
        nlr_pop();
        MICROPY_PY_LWIP_EXIT
        return ret;
    }
    MICROPY_PY_LWIP_EXIT
    nlr_jump(nlr.ret_val);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(network_lan_ipconfig_obj, 1, network_lan_ipconfig);

static mp_obj_t network_lan_config(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    if (kwargs->used != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
    }
    if (n_args != 2) {
        mp_raise_TypeError(MP_ERROR_TEXT("must query one param"));
    }
    switch (mp_obj_str_get_qstr(args[1])) {
        case MP_QSTR_mac: {
            uint8_t mac[LAN9118_MAC_LEN];
            lan9118_get_mac(mac);
            return mp_obj_new_bytes(mac, sizeof(mac));
        }
        case MP_QSTR_hostname:
            return mod_network_hostname(0, NULL);
        default:
            mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
    }
}
static MP_DEFINE_CONST_FUN_OBJ_KW(network_lan_config_obj, 1, network_lan_config);

static const mp_rom_map_elem_t network_lan_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_active), MP_ROM_PTR(&network_lan_active_obj) },
    { MP_ROM_QSTR(MP_QSTR_isconnected), MP_ROM_PTR(&network_lan_isconnected_obj) },
    { MP_ROM_QSTR(MP_QSTR_status), MP_ROM_PTR(&network_lan_status_obj) },
    { MP_ROM_QSTR(MP_QSTR_ifconfig), MP_ROM_PTR(&network_lan_ifconfig_obj) },
    { MP_ROM_QSTR(MP_QSTR_ipconfig), MP_ROM_PTR(&network_lan_ipconfig_obj) },
    { MP_ROM_QSTR(MP_QSTR_config), MP_ROM_PTR(&network_lan_config_obj) },
};
static MP_DEFINE_CONST_DICT(network_lan_locals_dict, network_lan_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    network_lan_type,
    MP_QSTR_LAN,
    MP_TYPE_FLAG_NONE,
    make_new, network_lan_make_new,
    print, network_lan_print,
    locals_dict, &network_lan_locals_dict
    );
