// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/compare/curves_tab.h"
#include "ui/compare/run_selection.h"
#include "ui/plots/crosshair_group.h"
#include "ui/plots/curve_plot.h"
#include "ui/theme/number_format.h"
#include "ui/training/policy_model.h"
#include "ui/training/run_board.h"
#include "ui/training_page.h"

#include <QComboBox>

#include <algorithm>
#include <map>

using namespace krater;

namespace {

// What a policy cannot do without; one that is not here is run with its defaults, its weights and numbers being 1.
const std::map<std::string, ParameterValues> kParameters{
    {"odm", {{"warmup", 0.0}}},
    {"skill_it", {{"graph", std::string(kProbedGraph)}, {"probe_steps", 3.0}}},
    {"ado", {{"start", 8.0}, {"interval", 6.0}, {"ignore", 2.0}, {"window", 5.0}, {"stride", 1.0}}},
    {"aioli", {{"interval", 14.0}, {"probe_steps", 2.0}}},
};

ParameterValues parametersOf(const PolicyInfo &info, const std::vector<std::string> &domains)
{
    if (const auto found = kParameters.find(info.name); found != kParameters.end())
        return found->second;
    ParameterValues values;
    for (const ParamSpec &spec : info.parameters)
        if (spec.kind == ParamSpec::Kind::Weights || spec.kind == ParamSpec::Kind::Numbers) {
            Weights ones;
            for (const std::string &domain : domains)
                ones[domain] = 1.0;
            values[spec.name] = ones;
        }
    return values;
}

} // namespace

// What a policy says of its updates reaches the pages without a line about it in ui. A new policy is tested by being in the registry.
class TestPolicyTerms : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_fixture = std::make_unique<WindowFixture>(); }
    void cleanupTestCase() { m_fixture.reset(); }

    void everyTermIsShownAndDrawn_data()
    {
        QTest::addColumn<QString>("policy");
        for (const PolicyInfo &info : policies())
            QTest::newRow(info.name.c_str()) << QString::fromStdString(info.name);
    }

    void everyTermIsShownAndDrawn()
    {
        QFETCH(QString, policy);
        const PolicyInfo &info = *findPolicy(policy.toStdString());
        train(info);
        if (QTest::currentTestFailed())
            return;
        const RunView &view = *m_fixture->workspace.session.view();
        const QStringList terms = view.policyTerms();
        QCOMPARE(terms.isEmpty(), !info.adaptive);
        auto *model = m_fixture->window->findChild<PolicyModel *>();
        QTRY_COMPARE(model->hasUpdate(), info.adaptive); // the table follows a little later
        for (const QString &term : terms)
            QVERIFY2(isShown(*model, view, term), qPrintable(term));
        isDrawn(view, terms);
    }

    // What the probes at the beginning measured stays in view.
    void theGraphThatWasMeasuredStaysInView()
    {
        train(*findPolicy("skill_it"));
        auto *model = m_fixture->window->findChild<PolicyModel *>();
        QTRY_VERIFY(model->hasUpdate());
        model->setStep(std::nullopt);
        for (const char *heading : {"effect of sums", "effect of brackets", "effect of verses", "H summed"})
            QVERIFY2(headings(*model).contains(QString::fromUtf8(heading)), heading);
    }

private:
    // The policy as the second stage, the first one giving the reference model.
    static void makePlan(Experiment &experiment)
    {
        StageConfig reference, proxy;
        reference.name = "reference";
        reference.role = RunRole::Reference;
        reference.mixture.policy = "natural";
        proxy.name = "proxy";
        proxy.role = RunRole::Proxy;
        proxy.reference.from = reference.name;
        experiment.stages = {reference, proxy};
    }

    void train(const PolicyInfo &info)
    {
        Workspace &workspace = m_fixture->workspace;
        Experiment experiment = workspace.document.experiment();
        experiment.mixture = {.policy = info.name, .parameters = parametersOf(info, experiment.domainNames())};
        experiment.training.evalInterval = 5;
        experiment.stages.clear();
        if (info.needs == PolicyNeeds::ReferenceLosses)
            makePlan(experiment);
        workspace.document.setExperiment(experiment);
        QTest::keyClick(m_fixture->window.get(), Qt::Key_F5);
        QVERIFY(workspace.session.isActive());
        QTRY_VERIFY_WITH_TIMEOUT(m_fixture->isDone(), 30'000);
        QVERIFY(workspace.session.state() == RunState::Done);
        qobject_cast<TrainingPage *>(m_fixture->window->page(Page::Id::Train))->board()->plots()->redrawNow();
    }

    static QStringList cells(const PolicyModel &model, int column)
    {
        QStringList texts;
        for (int row = 0; row < model.rowCount(); ++row)
            texts << model.index(row, column).data().toString();
        return texts;
    }

    static QStringList headings(const PolicyModel &model)
    {
        QStringList texts;
        for (int column = 0; column < model.columnCount(); ++column)
            texts << model.headerData(column, Qt::Horizontal).toString();
        return texts;
    }

    // At some update the table of the Training page has the term's numbers, under its name or that of an earlier term that has the same.
    static bool isShown(PolicyModel &model, const RunView &view, const QString &term)
    {
        const QString metric = QString::fromLatin1(metric::kPolicyPrefix) + term;
        for (const CurvePoint &point : view.curve(metric, 0)) {
            QStringList expected;
            for (int domain = 0; domain < view.numDomains(); ++domain) {
                const Curve &curve = view.curve(metric, domain);
                const auto at = std::ranges::find(curve, point.step, &CurvePoint::step);
                expected << (at == curve.end() ? QString() : number::decimal(at->value, 3));
            }
            model.setStep(point.step);
            const int own = int(headings(model).indexOf(term));
            if (own > 0)
                return cells(model, own) == expected;
            for (int column = 1; column < model.columnCount(); ++column)
                if (cells(model, column) == expected)
                    return true;
        }
        return false;
    }

    // The Compare page offers each, and draws a curve of it.
    void isDrawn(const RunView &view, const QStringList &terms)
    {
        m_fixture->window->showPage(Page::Id::Compare);
        m_fixture->window->findChild<RunSelection *>()->select({view.record().id});
        auto *tab = m_fixture->window->findChild<CurvesTab *>();
        const auto choiceOf = [tab](const QVariant &key) -> QComboBox * {
            for (auto *box : tab->findChildren<QComboBox *>())
                if (box->findData(key) >= 0)
                    return box;
            return nullptr;
        };
        for (const QString &term : terms) {
            const QVariant key = QString::fromLatin1(metric::kPolicyPrefix) + term;
            QTRY_VERIFY2(choiceOf(key), qPrintable(term));
            choiceOf(key)->setCurrentIndex(choiceOf(key)->findData(key));
            QTRY_VERIFY2(!tab->plot()->curves().empty() && tab->plot()->curves()[0].series->size() > 0, qPrintable(term));
        }
    }

    std::unique_ptr<WindowFixture> m_fixture;
};

QTEST_MAIN(TestPolicyTerms)
#include "tst_policy_terms.moc"
