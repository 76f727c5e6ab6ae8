"""Orders with their lines and receipts, as the order commands would have left them day by day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from server.catalog.models import Product
from server.demo import words
from server.demo.calendar import Calendar
from server.demo.company import Company, Rep
from server.demo.dice import Dice
from server.demo.shops import Shop
from server.orders import amounts
from server.orders.models import Order, OrderLine, Payment
from server.visits.models import Visit

ZERO = Decimal("0.00")
_SOLD = ("picking", "shipped", "completed")
_METHODS = {"微信": 45.0, "现金": 20.0, "支付宝": 20.0, "银行转账": 15.0}


class Sales:
    """Places orders and receives money. The rows are complete when `finish` has run."""

    def __init__(self, dice: Dice, company: Company, calendar: Calendar) -> None:
        self._dice = dice
        self._company = company
        self._calendar = calendar
        self._sellable = [product for product in company.catalog.products if product.on_shelf]
        self._favourites: dict[str, list[Product]] = {}
        self._transfers: dict[str, list[tuple[datetime, Order]]] = {}
        self.orders: list[Order] = []
        self.lines: list[OrderLine] = []
        self.payments: list[Payment] = []

    # -- placing

    def place(self, shop: Shop, rep: Rep, visit: Visit, at: datetime, lag: timedelta) -> bool:
        """An order taken during a visit; False where it would go over the credit limit."""
        dice, customer = self._dice, shop.customer
        at = at.replace(microsecond=0)
        received = min(at + lag, self._calendar.now)
        order_id = dice.id_at(at)
        lines = [
            self._line(order_id, shop, product, number, received, rep)
            for number, product in enumerate(self._choose(shop), 1)
        ]
        freight = Decimal(dice.pick((10, 15, 20))).quantize(ZERO) if dice.chance(0.08) else ZERO
        goods = amounts.total(line.subtotal for line in lines)
        discount = goods % 10 if dice.chance(0.15) else ZERO  # the odd yuan are waived
        debt = goods + freight - discount
        if customer.settlement_mode == "credit" and customer.credit_limit is not None:
            self._receive_transfers(shop, at)
            if self.owed(shop) + debt > customer.credit_limit:
                return False
        order = Order(
            id=order_id, customer_id=customer.id, visit_id=visit.id, state="pending",
            settlement_mode=customer.settlement_mode, goods_total=goods, freight=freight, payable=goods + freight,
            discount=discount, paid=ZERO, debt=debt, ordered_at=at, clerk_id=rep.id,
            delivery_time=dice.pick(words.DELIVERY_TIMES), created_at=received, created_by=rep.id,
            remark="请先电话联系" if dice.chance(0.08) else None,
        )  # fmt: skip
        self._fill_consignee(order, shop)
        self.orders.append(order)
        self.lines += lines
        shop.orders.append(order)
        if order.settlement_mode == "cash":
            if dice.chance(0.9):
                paid = self._pay(order, order.debt, at + timedelta(minutes=2), lag, rep.id, dice.weighted(_METHODS))
                self._advance(order, rep, paid.booked_at)
            return True
        if dice.chance(0.5):
            day = dice.day_of(at) + timedelta(days=dice.between(12, 38))
            self._transfers.setdefault(customer.id, []).append((dice.at(day, 9, 420), order))
        self._advance(order, rep, order.created_at)
        return True

    def _choose(self, shop: Shop) -> list[Product]:
        """Mostly what the shop bought before."""
        dice = self._dice
        usual = self._favourites.setdefault(shop.customer.id, dice.some(self._sellable, 9))
        chosen = dice.some(usual, dice.between(1, 6))
        if dice.chance(0.4):
            chosen.append(dice.pick(self._sellable))
        return list({product.id: product for product in chosen}.values())

    def _line(self, order_id: str, shop: Shop, product: Product, number: int, at: datetime, rep: Rep) -> OrderLine:
        dice, catalog, customer = self._dice, self._company.catalog, shop.customer
        price, reason = catalog.price(product, customer.id, customer.group_id, customer.grade_id)
        top = 4 if product.price > 100 else 8 if product.price > 40 else 24
        quantity = Decimal(dice.between(1, top)).quantize(Decimal("0.0001"))
        return OrderLine(
            id=dice.id_at(at), order_id=order_id, customer_id=customer.id, line_no=number, product_id=product.id,
            product_no=product.product_no, product_name=product.name, spec_text=product.spec_text,
            unit=catalog.units[product.unit_id], price=price, price_reason=reason, quantity=quantity,
            subtotal=amounts.subtotal(price, quantity), created_at=at, created_by=rep.id,
        )  # fmt: skip

    def _fill_consignee(self, order: Order, shop: Shop) -> None:
        customer = shop.customer
        if shop.terminals and self._dice.chance(0.6):
            terminal = self._dice.pick(shop.terminals)
            order.terminal_id, order.consignee = terminal.id, terminal.contact
            order.consignee_mobile, order.address = terminal.phone, terminal.address
        order.consignee = order.consignee or customer.primary_contact
        order.consignee_mobile = order.consignee_mobile or customer.mobile
        order.consignee_phone = customer.landline
        order.address = order.address or customer.address

    # -- approval, shipping, completion

    def _advance(self, order: Order, rep: Rep, ready: datetime | None) -> None:
        """Lets the office do its part, as far as time has come for it. `ready`: when it may be approved."""
        dice, calendar, staff = self._dice, self._calendar, self._company.staff
        if ready is None:
            return
        approved = self._office_hour(ready, 0.6)
        if not calendar.has_come(approved):
            return
        order.state, order.approved_at = "picking", approved
        order.approved_by = rep.manager_id if dice.chance(0.6) else staff.clerk_id
        if dice.chance(0.03) and not order.paid:
            cancelled = self._office_hour(approved, 0.5)
            if calendar.has_come(cancelled):
                order.state, order.cancelled_at, order.cancelled_by = "cancelled", cancelled, staff.clerk_id
                order.cancel_reason, order.debt = dice.pick(words.CANCEL_REASONS), ZERO
            return
        shipped = self._office_hour(approved, 0.1)
        if not calendar.has_come(shipped):
            return
        order.state, order.shipped_at, order.shipper_id = "shipped", shipped, staff.clerk_id
        carrier = dice.weighted({"无需物流": 70.0, "德邦物流": 20.0, "韵达快递": 10.0})
        order.logistics_id = self._company.option("logistics", carrier)
        prefix = {"无需物流": "LP", "德邦物流": "DPK", "韵达快递": "YD"}[carrier]
        order.waybill_no = f"{prefix}{dice.rng.randrange(10**10):010d}"
        completed = self._office_hour(shipped + timedelta(days=dice.between(1, 3)), 0.4)
        if calendar.has_come(completed):
            order.state, order.completed_at = "completed", completed

    def _office_hour(self, after: datetime, same_day: float) -> datetime:
        """When the office gets to it: the same afternoon, if it came before four, or the next working day."""
        dice = self._dice
        day = dice.day_of(after)
        if dice.chance(same_day) and after < dice.at(day, 16) and day.weekday() < 6:
            start = max(after + timedelta(minutes=5), dice.at(day, 9))
            return start + (dice.at(day, 17.7) - start) * dice.rng.random()
        return dice.at(self._calendar.next_working_day(day), 9, 420)

    # -- money

    def owed(self, shop: Shop) -> Decimal:
        """What the customer owes (`server.orders.service.debt_of`)."""
        return sum(
            (
                order.debt
                for order in shop.orders
                if order.state in (*_SOLD, "cancelled") or order.settlement_mode == "credit"
            ),
            ZERO,
        )

    def collect(self, shop: Shop, rep: Rep, at: datetime, lag: timedelta) -> None:
        """The rep asks for what is owed longer than a fortnight; some pay, some pay a part."""
        self._receive_transfers(shop, at)
        for order in shop.orders:
            if order.debt <= 0 or order.settlement_mode == "cash" or at - order.ordered_at < timedelta(days=14):
                continue
            if self._dice.chance(0.55):
                part = order.debt if self._dice.chance(0.8) else (order.debt / 2).quantize(Decimal(1)).quantize(ZERO)
                if part > 0:
                    self._pay(order, part, at + timedelta(minutes=1), lag, rep.id, self._dice.weighted(_METHODS))

    def _receive_transfers(self, shop: Shop, until: datetime) -> None:
        """Bank transfers that the desk has seen on the account until then."""
        waiting = self._transfers.get(shop.customer.id, [])
        for moment, order in [entry for entry in waiting if entry[0] <= until]:
            waiting.remove((moment, order))
            if order.debt > 0 and order.state != "cancelled":
                self._pay(order, order.debt, moment, timedelta(), self._company.staff.clerk_id, "银行转账")

    def _pay(
        self, order: Order, amount: Decimal, at: datetime, lag: timedelta, operator: str, method: str
    ) -> Payment:
        dice, calendar = self._dice, self._calendar
        at = min(at, calendar.now).replace(microsecond=0)
        received = min(at + lag, calendar.now)
        payment = Payment(
            id=dice.id_at(at), kind="order", order_id=order.id, customer_id=order.customer_id, amount=amount, deposit=ZERO,
            method_id=self._company.option("payment_method", method), paid_at=at, paid_on=dice.day_of(at),
            operator_id=operator, overpaid=ZERO, created_at=received, created_by=operator,
        )  # fmt: skip
        booked = self._office_hour(received, 0.7)
        if calendar.has_come(booked):
            payment.booked_at, payment.booked_by = booked, self._company.staff.clerk_id
        order.paid += amount
        order.debt -= amount
        self.payments.append(payment)
        return payment

    # -- the end

    def finish(self, shops: list[Shop], number: Callable[[str, datetime], str]) -> None:
        """The last transfers, the order numbers in the order of arrival, and every customer's totals."""
        for shop in shops:
            self._receive_transfers(shop, self._calendar.now)
        self.orders.sort(key=lambda order: (order.created_at, order.id))
        for order in self.orders:
            order.order_no = number("XS", order.created_at)
        for shop in shops:
            sold = [order for order in shop.orders if order.state in _SOLD]
            shop.customer.sales_total = amounts.total(order.payable for order in sold)
            shop.customer.debt_total = self.owed(shop)
            if sold:
                shop.customer.customer_status = "dealt"
